/** The console in a real browser, as its people see it. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { ConsoleHome, Person } from './cloud/console-home.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const phone = { viewport: { width: 390, height: 844 }, locale: 'en' } as const

/** A page for a signed-in person. Closing its context closes it. */
export async function pageOf(
  { browser, home, person = 'owner' }: { browser: Browser; home: ConsoleHome; person?: Person },
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ ...phone, reducedMotion: 'reduce', ...options })
  const cookies = await home.cookiesOf(person)
  // Browsers take secure cookies for an address of https only, and send them to this machine anyway.
  const url = home.origin.replace('http:', 'https:')
  await context.addCookies(cookies.map((one) => ({ ...one, url, secure: true, httpOnly: true })))
  const page = await context.newPage()
  await page.addInitScript({ path: axePath })
  return page
}

/** What axe finds, small targets, scrolling to the side, and pictures that did not load. */
export const faultsOf = (page: Page): Promise<readonly string[]> =>
  page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    const targets = [...document.querySelectorAll('main a, main button, main summary, nav a')]
    const isSeen = (one) => one.checkVisibility()
    const isSmall = (one) => one.getBoundingClientRect().height < 47.5
    const isInText = (one) => one.matches('p a')
    return [
      ...violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')),
      ...targets.filter((one) => isSeen(one) && isSmall(one) && !isInText(one)).map((one) => 'small: ' + one.outerHTML),
      ...[...document.images].filter((one) => one.complete && one.naturalWidth === 0).map((one) => 'broken: ' + one.src),
      ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : []),
    ]
  })()`)

/** Into the folder that SCREENSHOTS names, to be looked at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

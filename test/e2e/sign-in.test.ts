/** From the invitation to the front page in a real browser, and out again. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inviteMember, removeMember } from '../../cloud/members/invitations.ts'
import { consoleWords } from '../../cloud/translations/console/words.ts'
import { translations } from '../../cloud/translations/translations.ts'
import { languages } from '../../protocol/messages/shared.ts'
import { startBrowser } from '../support/browser.ts'
import { household, mapleStreet } from '../support/cloud/cloud-home.ts'
import { type MemberHome, memberHome, newPassword } from '../support/cloud/member-home.ts'
import { isProof } from '../support/effort.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const words = translations.en.signInPage

let home: MemberHome
let browser: Browser
const complaints: string[] = []
beforeAll(async () => {
  home = await memberHome()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await home.close()
})

const phone = {
  viewport: { width: 320, height: 640 },
  locale: 'en',
  reducedMotion: 'reduce',
} as const

async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ ...phone, ...options })
  const page = await context.newPage()
  await page.addInitScript({ path: axePath })
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  return page
}

async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** Problems that axe finds, small targets, and horizontal scrolling. */
const faultsOf = (page: Page): Promise<readonly string[]> =>
  page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    const targets = [...document.querySelectorAll('main a, main button')]
    const small = targets.filter((one) => one.getBoundingClientRect().height < 48)
    return [
      ...violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')),
      ...small.map((one) => 'small: ' + one.outerHTML),
      ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : []),
    ]
  })()`)

/** With the latest invitation. */
async function signInFirst(page: Page): Promise<void> {
  const email = home.cloud.aws.cognito.invitations.at(-1)?.to[0] ?? ''
  await page.goto(home.origin)
  await page.getByRole('link', { name: words.signIn }).click()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(home.temporaryPassword())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('New password', { exact: true }).fill(newPassword)
  await page.getByLabel('again').fill(newPassword)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.waitForURL(`${home.origin}/`)
}

/** What the API answers to a page of ours. */
const apiStatus = (page: Page, method: string, path: string): Promise<number> =>
  page.evaluate<number>(`fetch('/v1${path}', { method: '${method}' }).then(({ status }) => status)`)

test('an invited owner signs in, calls the API by cookie, and signs out', async () => {
  const page = await newPage()
  await page.goto(home.origin)
  expect(await faultsOf(page)).toEqual([])
  await takePicture(page, '320-signed-out')
  await signInFirst(page)
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(mapleStreet.name)
  await page.getByRole('heading', { name: 'Front door' }).waitFor()
  expect(await faultsOf(page)).toEqual([])
  await takePicture(page, '320-signed-in')
  expect(await apiStatus(page, 'GET', '/doors')).toBe(200)
  expect(await apiStatus(page, 'POST', '/doors/maple-street_front/unlock')).toBe(202)
  expect(await page.evaluate('document.cookie')).not.toContain('Host')
  await page.getByRole('link', { name: consoleWords.en.sections.more }).click()
  const link = page.getByRole('link', { name: consoleWords.en.more.addPasskey })
  expect(
    (await page.request.get(`${home.origin}${await link.getAttribute('href')}`)).status(),
  ).toBe(200)

  await page.getByRole('button', { name: words.signOut }).click()
  await page.getByRole('heading', { name: words.welcome }).waitFor()
  expect(await apiStatus(page, 'GET', '/doors')).toBe(401)
  await page.getByRole('link', { name: words.signIn }).click()
  await page.getByLabel('Password').waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a removed member is out at once', async () => {
  const deps = { ...home.cloud.deps, accounts: home.accounts }
  const member = { household, email: 'max@example.org' }
  await inviteMember(deps, { ...member, language: 'en', role: 'member' })
  const page = await newPage()
  await signInFirst(page)
  expect(await apiStatus(page, 'GET', '/doors')).toBe(200)
  await removeMember(deps, member)
  expect(await apiStatus(page, 'GET', '/doors')).toBe(401)
  await page.reload()
  await page.getByRole('heading', { name: words.noMember }).waitFor()
  expect(await faultsOf(page)).toEqual([])
  await takePicture(page, '320-no-member')
  await page.getByRole('button', { name: words.signOut }).click()
  await page.getByRole('heading', { name: words.welcome }).waitFor()
  await page.context().close()
})

/** One language and a phone are enough before a commit; `npm run proof` looks at all. */
const looked = isProof ? languages : (['de'] as const)
const widths = isProof ? [320, 768, 1920] : [320]

test.each(looked)('the pages fit every screen, by day and night: %s', async (locale) => {
  const deps = { ...home.cloud.deps, accounts: home.accounts }
  const member = { household, email: `${locale}@example.org` }
  await inviteMember(deps, { ...member, language: locale, role: 'member' })
  const first = await newPage()
  await signInFirst(first)
  const page = await newPage({ locale, storageState: await first.context().storageState() })
  for (const path of ['/', '/signed-in?error=access_denied']) {
    await page.goto(`${home.origin}${path}`)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 720 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await faultsOf(page)).toEqual([])
        await takePicture(
          page,
          `${locale}-${path.length > 1 ? 'failed-' : ''}${width}-${colorScheme}`,
        )
      }
    }
  }
  await page.context().close()
  await first.context().close()
})

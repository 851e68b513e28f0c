/** The mails in a narrow mail client: 320 pixels, without styles of its own. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notifyOwner } from '../../cloud/doors/owner-alarms.ts'
import { codeLetter } from '../../cloud/letters/letters.ts'
import { languages } from '../../protocol/messages/shared.ts'
import { startBrowser } from '../support/browser.ts'
import { doorId, household, mapleStreet, newId } from '../support/cloud/cloud-home.ts'
import { ask, type WebHome, webHome } from '../support/cloud/web-home.ts'
import { isProof } from '../support/effort.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let home: WebHome
let browser: Browser
let page: Page
beforeAll(async () => {
  const owners = languages.map((language) => ({ email: `${language}@example.org`, language }))
  home = await webHome({ households: [{ ...mapleStreet, owners }] })
  browser = await startBrowser()
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } })
  await context.addInitScript({ path: axePath })
  page = await context.newPage()
  await page.goto('about:blank')
})
afterAll(async () => {
  await browser.close()
  await home.close()
})

type Mail = WebHome['cloud']['aws']['mailbox'][number]

const mailsTo = (name: string): readonly Mail[] =>
  home.cloud.aws.mailbox.filter(({ to }) => to.includes(`${name}@example.org`))

/** Inserts the attached pictures, as mail clients do; nothing else is loaded. */
async function show({ html, attachments }: Pick<Mail, 'html' | 'attachments'>): Promise<void> {
  const shown = attachments.reduce(
    (letter, { contentId, bytes }) =>
      letter.replaceAll(
        `cid:${contentId}`,
        `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`,
      ),
    html ?? '',
  )
  await page.setContent(shown)
}

const faultsIn = (): Promise<string[]> =>
  page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    const broken = [...document.images].filter((one) => one.naturalWidth === 0)
    return [
      ...violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')),
      ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : []),
      ...broken.map(({ outerHTML }) => outerHTML),
    ]
  })()`)

async function takePicture(name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

const code = { visitorName: 'Robin Vale', doorName: 'Front door', code: '04291728', minutes: 5 }

/** The language with the longest words is enough before a commit. */
describe.each(isProof ? languages : (['de'] as const))('in %s', (language) => {
  test('request, alarm and code mails fit, with their pictures, in light and dark', async () => {
    const { deps } = home.cloud
    const asked = await ask(home, { visitNumber: 27 })
    await notifyOwner(deps, { household, doorId }, newId(), 'limit-hit')
    const [question, alarm] = mailsTo(language).slice(-2)
    if (!question || !alarm) throw new Error('no mail came')
    expect(question.attachments).toMatchObject([{ inline: true, contentType: 'image/jpeg' }])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await show(question)
      expect({ colorScheme, faults: await faultsIn() }).toEqual({ colorScheme, faults: [] })
      expect(await page.locator('a').getAttribute('href')).toContain(asked.request)
      await takePicture(`mail-question-${language}-${colorScheme}`)
      await show(alarm)
      expect({ colorScheme, faults: await faultsIn() }).toEqual({ colorScheme, faults: [] })
      await takePicture(`mail-alarm-${language}-${colorScheme}`)
      const letter = codeLetter({ ...code, language })
      await show({ html: letter.html, attachments: [] })
      expect({ colorScheme, faults: await faultsIn() }).toEqual({ colorScheme, faults: [] })
      await takePicture(`mail-code-${language}-${colorScheme}`)
    }
  })
})

/** The page on a visitor's phone in a real browser: every state of it, with and without a script. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerRequest } from '../../cloud/approvals/answer-request.ts'
import { type ApprovalRequest, requestId } from '../../cloud/approvals/core/approval-request.ts'
import { openRequests } from '../../cloud/approvals/open-requests.ts'
import { translations } from '../../cloud/translations/translations.ts'
import { type Language, languages } from '../../protocol/messages/shared.ts'
import { startBrowser } from '../support/browser.ts'
import { household } from '../support/cloud/cloud-home.ts'
import { shownCode } from '../support/cloud/visitors-phone.ts'
import { type WebHome, webHome } from '../support/cloud/web-home.ts'
import { isProof, testProof } from '../support/effort.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let home: WebHome
let browser: Browser
const complaints: string[] = []
beforeAll(async () => {
  ;[home, browser] = await Promise.all([webHome(), startBrowser()])
})
afterAll(async () => {
  expect(complaints).toEqual([])
  await browser.close()
  await home.close()
})

async function scanned(options: BrowserContextOptions = {}): Promise<Page> {
  home.cloud.clock.advance(3_600_000)
  const viewport = { width: 320, height: 640 }
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  await page.addInitScript({ path: axePath })
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  await page.goto(`${home.origin}/ring?${shownCode(home)}`)
  return page
}

async function request(): Promise<ApprovalRequest> {
  await home.cloud.settled()
  const [asked] = await openRequests(home.cloud.deps, household)
  if (!asked) throw new Error('There is no request.')
  return asked
}

async function answer(asked: ApprovalRequest, kind: 'allow' | 'deny'): Promise<void> {
  const typed = { phone: '', email: '', prefers: 'sms', language: 'en', remembersFace: '' }
  const visitor = { ...typed, name: 'Robin Vale', validity: 'day' }
  await answerRequest(home.cloud.deps, {
    request: requestId(asked),
    asker: { kind: 'member', household, email: 'owner@example.org' },
    visitNumber: null,
    faceSha256: null,
    language: 'en',
    answer: kind === 'allow' ? { kind, visitor } : { kind, blockFace: false },
  })
  await home.cloud.settled()
}

const schemes = isProof ? (['light', 'dark'] as const) : (['light'] as const)

/** Problems that axe finds, small targets, and horizontal scrolling. */
async function expectFaultless(page: Page, name: string): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    const faults = await page.evaluate<string[]>(`(async () => {
      const { violations } = await axe.run(document, { resultTypes: ['violations'] })
      const small = [...document.querySelectorAll('button, input, a')]
        .filter((one) => one.getBoundingClientRect().height < 48)
      return [
        ...violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')),
        ...small.map((one) => 'small: ' + one.outerHTML),
        ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : []),
      ]
    })()`)
    expect([name, colorScheme, faults]).toEqual([name, colorScheme, []])
    await takePicture(page, `${name}-${colorScheme}`)
  }
}

async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  const before = page.viewportSize()
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: join(folder, `${name}.png`) })
  if (before) await page.setViewportSize(before)
}

const shown: readonly Language[] = isProof ? languages : ['de']

test.each(shown)('a visitor who reads %s rings, waits, and reads the code', async (language) => {
  const words = translations[language].ringPage
  const page = await scanned({ locale: language })
  await page.getByRole('heading', { name: words.ready }).waitFor()
  await expectFaultless(page, `ring-ready-${language}`)
  await page.getByRole('button', { name: words.ring }).click()
  await page.getByText(translations[language].approvalPage.problems.missing).waitFor()
  await expectFaultless(page, `ring-problem-${language}`)
  await page.getByLabel(words.name).fill('Robin Vale')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: words.waiting }).waitFor()
  await expectFaultless(page, `ring-waiting-${language}`)
  await answer(await request(), 'allow')
  // The page changes by itself.
  await page.getByRole('heading', { name: words.code }).waitFor()
  expect(await page.locator('.code').textContent()).toMatch(/^\d{4} \d{4}$/)
  await expectFaultless(page, `ring-code-${language}`)
  home.cloud.clock.advance(5 * 60_000)
  await page.getByRole('heading', { name: words.expired }).waitFor()
  await expectFaultless(page, `ring-expired-${language}`)
})

testProof('without a script the page works, and loads again by itself', async () => {
  const words = translations.en.ringPage
  const page = await scanned({ javaScriptEnabled: false, locale: 'en' })
  await page.getByLabel(words.name).fill('Robin Vale')
  await page.getByRole('button', { name: words.ring }).click()
  await page.getByRole('heading', { name: words.waiting }).waitFor()
  await answer(await request(), 'deny')
  await page.getByRole('heading', { name: words.denied }).waitFor()
})

/** The approval page in a real browser, from the mail to the text. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { translations } from '../../cloud/translations/translations.ts'
import { type Language, languages } from '../../protocol/messages/shared.ts'
import { startBrowser } from '../support/browser.ts'
import { household } from '../support/cloud/cloud-home.ts'
import { ask, requestIn, strangerRings, type WebHome, webHome } from '../support/cloud/web-home.ts'
import { isProof, testProof } from '../support/effort.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const words = translations.en.approvalPage

let home: WebHome
let browser: Browser
const complaints: string[] = []
beforeAll(async () => {
  home = await webHome()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await home.close()
})

const phone = { viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' } as const

async function openPage(link: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ ...phone, ...options })
  const page = await context.newPage()
  await page.addInitScript({ path: axePath })
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  await page.goto(link)
  return page
}

const headline = (page: Page) => page.locator('main h1')

async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** Problems that axe finds, small targets, and horizontal scrolling. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    const targets = [...document.querySelectorAll('main button, main input:not([type=hidden]):not([type=checkbox]), main select, main label.choice')]
    const small = targets.filter((one) => one.getClientRects().length > 0)
      .filter((one) => one.getBoundingClientRect().height < 48)
    return [
      ...violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')),
      ...small.map((one) => 'small: ' + one.outerHTML),
      ...(document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : []),
    ]
  })()`)
}

test('an owner follows the link, types the number, allows, and the visitor gets a text', async () => {
  const asked = await strangerRings(home, { visitNumber: 27 })
  const page = await openPage(asked.link, { locale: 'en-GB' })
  await page.getByRole('img', { name: words.faceAlt }).waitFor()
  expect(await headline(page).textContent()).toContain('Front door')

  await page.getByLabel('Name').fill('Robin Vale')
  await page.getByLabel('Phone').fill('0170 1234567')
  await page.getByText(words.more).click()
  await page.getByLabel('Welcome for').selectOption('month')
  await page.getByRole('button', { name: words.allow }).click()
  const number = page.getByLabel('Visit number')
  await expect.poll(() => number.getAttribute('aria-invalid')).toBe('true')
  expect(await page.evaluate('document.activeElement.id')).toBe('visit-number')
  expect(await page.getByText(words.numberMissing).isVisible()).toBe(true)
  expect(await page.getByLabel('Name').inputValue()).toBe('Robin Vale')
  expect(await faultsOf(page)).toEqual([])
  await takePicture(page, '320-number-missing')

  await number.fill('27')
  await page.getByRole('button', { name: words.allow }).click()
  await page.getByText(words.problems['not-international']).waitFor()
  expect(await number.inputValue()).toBe('27')
  expect(await page.getByLabel('Welcome for').inputValue()).toBe('month')
  await takePicture(page, '320-phone-unfit')

  await page.getByLabel('Phone').fill('+49 170 1234567')
  await page.getByLabel('They agree').check()
  await page.getByRole('button', { name: words.allow }).click()
  await page.getByText('Robin Vale may come in.').waitFor()
  await takePicture(page, '320-allowed')
  await home.cloud.settled()
  expect(home.cloud.aws.texts.at(-1)?.to).toBe('+491701234567')
  const faces = await home.cloud.deps.faces.list(household)
  expect(faces.some(({ name }) => name.startsWith('visitor-'))).toBe(true)

  await page.reload()
  await page.getByText('Already allowed by owner@example.org').waitFor()
  await takePicture(page, '320-already')
  expect(home.logged()).not.toContain(asked.token)
  await page.context().close()
})

test('an owner denies with the keyboard alone, and the door is notified', async () => {
  const asked = await ask(home)
  const page = await openPage(asked.link, { locale: 'en' })
  const number = page.getByLabel('Visit number')
  await number.waitFor()
  await number.focus()
  await page.keyboard.type('583')
  const focused = () => page.evaluate<string>('document.activeElement.value')
  for (let presses = 0; presses < 20 && (await focused()) !== 'deny'; presses += 1) {
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await page.getByText(words.denied).waitFor()
  expect(await faultsOf(page)).toEqual([])
  expect(home.cloud.told.at(-1)?.body).toMatchObject({ type: 'visit-status', status: 'denied' })
  await page.context().close()
})

test('an owner lets in a courier without a phone, once', async () => {
  const asked = await ask(home)
  const page = await openPage(asked.link, { locale: 'en' })
  await page.getByLabel('Visit number').fill('583')
  await page.getByRole('button', { name: words.open }).click()
  await page.getByText(words.opened).waitFor()
  expect(home.cloud.told.at(-1)?.body).toMatchObject({ type: 'unlock', by: 'mail' })
  await page.reload()
  await page.getByText('Already unlocked once by owner@example.org').waitFor()
  await page.context().close()
})

test('pressing twice decides once, and going offline keeps what was typed', async () => {
  const asked = await ask(home)
  const page = await openPage(asked.link, { locale: 'en' })
  await page.getByLabel('Visit number').fill('583')
  await page.getByLabel('Name').fill('Kim')
  await page.getByText(words.more).click()
  await page.getByLabel('E-mail').fill('kim@example.org')
  await page.context().setOffline(true)
  await page.getByRole('button', { name: words.allow }).click()
  await page.getByText(words.noAnswer).waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Kim')
  await takePicture(page, '320-offline')
  await page.context().setOffline(false)
  await page.getByRole('button', { name: words.allow }).dblclick()
  await page.getByText('Kim may come in.').waitFor()
  await home.cloud.settled()
  const letters = home.cloud.aws.mailbox.filter(({ to }) => to.includes('kim@example.org'))
  expect(letters).toHaveLength(1)
  await page.context().close()
})

test('a link without its secret, or with a wrong one, says so and shows no face', async () => {
  const asked = await ask(home)
  const [base = ''] = asked.link.split('#')
  const page = await openPage(base, { locale: 'en' })
  await page.getByText(words.linkIncomplete).waitFor()
  expect(await faultsOf(page)).toEqual([])
  await page.goto(`${base}#r=${asked.request}&t=${'A'.repeat(43)}`)
  await page.getByText(words.refused.unknown).waitFor()
  expect(await page.locator('img').count()).toBe(0)
  await page.goto(asked.link)
  await page.locator('img').waitFor()
  await page.context().close()
})

const phoneScreen = [320, 640] as const
const screens = isProof ? ([phoneScreen, [768, 1024], [1920, 1080]] as const) : [phoneScreen]

describe.each(isProof ? languages : (['de'] as const))('in %s', (language: Language) => {
  test('fits every screen, by day and by night, and axe finds nothing', async () => {
    const asked = await ask(home, { why: 'seen-once' })
    const page = await openPage(asked.link, { locale: language })
    await page.locator('img').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    for (const [width, height] of screens) {
      await page.setViewportSize({ width, height })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect({ width, colorScheme, faults: await faultsOf(page) }).toEqual({
          width,
          colorScheme,
          faults: [],
        })
        await takePicture(page, `${width}-question-${language}-${colorScheme}`)
      }
    }
    await page.context().close()
  })
})

test('without JavaScript the page says what to do', async () => {
  const asked = await ask(home)
  const page = await openPage(asked.link, { locale: 'en', javaScriptEnabled: false })
  expect(await page.locator('noscript h1').isVisible()).toBe(true)
  await page.context().close()
})

// ---------------------------------------------------------------- mail scanners

/** Follows the link and posts every form, as thoroughly as a scanner might. */
async function scan(link: string): Promise<void> {
  for (const method of ['HEAD', 'GET', 'POST'] as const) await fetch(link, { method })
  const page = await openPage(link, { locale: 'en' })
  await page.locator('form').waitFor()
  await scanForms(page)
  await page.context().close()
}

/** Every form with every button: empty, filled in, and posted without the page's script. */
async function scanForms(page: Page): Promise<void> {
  const buttons = await page.locator('form button').count()
  for (let nth = 0; nth < buttons; nth += 1) {
    await page.reload()
    for (const filled of [false, true]) {
      if (filled) await fillIn(page)
      await page.locator('form button').nth(nth).click()
      await page.locator('form:has(button:disabled)').waitFor({ state: 'detached' })
      await page.locator('form [aria-invalid="true"]').first().waitFor()
    }
    await fillIn(page)
    await postRaw(page, nth)
  }
}

async function fillIn(page: Page): Promise<void> {
  await page.evaluate(`for (const field of document.querySelectorAll('input:not([type=hidden])')) {
    if (field.type === 'checkbox') field.checked = true
    else field.value ||= { tel: '+15550100', email: 'scanner@example.org' }[field.type] ?? 'test'
  }`)
}

/** As a form and as the script's JSON, with the secret of the address. */
async function postRaw(page: Page, nth: number): Promise<void> {
  await page.evaluate(`(async () => {
    const form = document.querySelector('form')
    const data = new FormData(form, form.querySelectorAll('button')[${nth}])
    const secret = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
    const json = JSON.stringify({ ...Object.fromEntries(data), request: secret.r, token: secret.t })
    for (const body of [new URLSearchParams(data), data, json]) {
      await fetch(form.action, { method: 'POST', body })
    }
  })()`)
}

testProof(
  'a scanner that follows, runs and posts everything five times decides nothing',
  async () => {
    const asked = await ask(home)
    const before = await stateOf(home, asked.request)
    for (let time = 0; time < 5; time += 1) await scan(asked.link)
    expect(await stateOf(home, asked.request)).toEqual(before)

    const page = await openPage(asked.link, { locale: 'en' })
    await page.getByLabel('Visit number').fill('583')
    await page.getByLabel('Name').fill('Lou')
    await page.getByText(words.more).click()
    await page.getByLabel('E-mail').fill('lou@example.org')
    await page.getByRole('button', { name: words.allow }).click()
    await page.getByText('Lou may come in.').waitFor()
    await page.context().close()
  },
)

/** Everything that a decision changes. */
async function stateOf({ cloud }: WebHome, request: string) {
  await cloud.settled()
  return {
    request: await requestIn(cloud, request),
    visitors: await cloud.deps.visitors.list(household),
    faces: await cloud.deps.faces.list(household),
    photos: (await cloud.deps.photos.list('')).map(({ key }) => key),
    told: cloud.told.length,
    mails: cloud.aws.mailbox.length,
    texts: cloud.aws.texts.length,
  }
}

test('no page threw or violated its content policy', () => {
  expect(complaints).toEqual([])
})

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { type StartedSimulation, startSimulation } from '../support/started-simulation.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

let home: StartedSimulation
let browser: Browser
let page: Page
/** What the browser complains about: broken policies, missing files, mistakes in scripts. */
let complaints: string[]

beforeAll(async () => {
  ;[home, browser] = await Promise.all([startSimulation(), startBrowser()])
})
afterAll(async () => {
  await browser.close()
  await home.end()
})
beforeEach(() => {
  complaints = []
})
afterEach(() => page.close())

async function open(options: BrowserContextOptions = {}): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(home.url)
  await page.getByText('The daemon is running, online').waitFor()
}

const press = (name: string) => page.getByRole('button', { name }).click()
const shows = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 10_000 })

test('a visitor is played from the street to the open door through the page alone', async () => {
  await open()
  await press('Somebody arrives')
  await shows(/Visit \d+ is at the door/)
  await page.getByLabel('Visitor’s name').fill('Robin')
  await page.getByLabel('Visitor’s language').selectOption('English')
  await press('Allow, and text a code')
  const text = await page.locator('#texts li').first().textContent()
  const [code = ''] = text?.match(/\d{6}/) ?? []
  expect(text).toContain('Robin, your code for the front door is')

  const keypad = page.frameLocator('#keypad')
  for (const digit of code) await keypad.getByRole('button', { name: digit, exact: true }).click()
  await keypad.locator('#confirm').click()
  await keypad.getByText('Robin').waitFor()
  await shows('The lock is open.')
  await shows('The lock is closed.')
  await shows('Robin typed a good code. The lock opened for 5 s.')
  await press('They leave')
  await page.getByRole('button', { name: 'Somebody arrives' }).waitFor()
  expect(complaints).toEqual([])
})

test('trouble is a button away, and so is its end', async () => {
  await open()
  await press('Cut the network')
  await shows('The daemon is running, offline')
  await press('Restore the network')
  await shows('The daemon is running, online')
  await press('Push the door open')
  await shows('the door stands open')
  await press('Push the door shut')
  await shows('the door is shut')
  await press('Cut the power for a moment')
  await shows('The daemon is not there')
  await shows('The daemon is running, online')
})

test('what cannot be done is said where the eye is', async () => {
  await open()
  const { visit } = (await home.state()).door
  if (!visit) await press('Deny')
  else await page.getByLabel('Visitor’s name').fill('  ')
  if (visit) await press('Allow, and text a code')
  await expect.poll(() => page.locator('#problem').textContent()).not.toBe('')
})

describe('the page', () => {
  test.each([
    { width: 320, height: 640, colorScheme: 'light' },
    { width: 400, height: 800, colorScheme: 'dark' },
    { width: 820, height: 1_180, colorScheme: 'light' },
    { width: 1_280, height: 800, colorScheme: 'light' },
    { width: 1_920, height: 1_080, colorScheme: 'dark' },
  ] as const)('fits $width px and leaves axe nothing to say, $colorScheme', async (look) => {
    const { colorScheme, ...viewport } = look
    // Only the test's own script needs to get past the page's policy.
    await open({ viewport, colorScheme, bypassCSP: true })
    await home.post('allow', { name: 'Kim', language: 'fr' })
    await shows('Kim, votre code')
    const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(tooWide).toBe(0)
    await page.evaluate(axeSource)
    const violations: string[] = await page.evaluate(
      `axe.run(document, { iframes: false }).then(({ violations }) => violations.map(({ id }) => id))`,
    )
    expect(violations).toEqual([])
  })

  test('can be worked by keyboard alone', async () => {
    await open()
    await page.getByRole('button', { name: 'Press the bell' }).focus()
    await page.keyboard.press('Enter')
    await shows('The bell rang.')
  })
})

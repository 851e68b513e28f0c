/** A tablet's browser, from the link of the QR code to the keypad, and out again. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fingerprintOf } from '../../device/tablets/certificate.ts'
import { startBrowser } from '../support/browser.ts'
import { listeningTabletApp } from '../support/tablets/listening-tablet-app.ts'

let tablets: Awaited<ReturnType<typeof listeningTabletApp>>
let browser: Browser
beforeAll(async () => {
  tablets = await listeningTabletApp()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await tablets.close()
})

const complaints: string[] = []
/** As after the owner has compared the fingerprint and told the browser to continue. */
async function newTablet(locale = 'en-GB', width = 800): Promise<Page> {
  const viewport = { width, height: 600 }
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, viewport })
  const page = await context.newPage()
  page.on('pageerror', ({ message }) => complaints.push(message))
  return page
}

const address = () => `https://127.0.0.1:${tablets.port}`
const linkWith = (code: string) =>
  `${address()}/pairing/#${code}.${fingerprintOf(tablets.certificate).replaceAll(':', '')}`

test('a browser does not open the page before its user accepts the certificate', async () => {
  const page = await (await browser.newContext()).newPage()
  await expect(page.goto(address())).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
})

test('the link of the QR code pairs a tablet, which then shows the live keypad', async () => {
  const page = await newTablet()
  await page.goto(linkWith('GOODCODE'))
  expect(page.url()).not.toContain('GOODCODE')
  expect(await page.locator('#digits').textContent()).toBe(fingerprintOf(tablets.certificate))
  await page.getByRole('button', { name: 'Pair' }).click()
  await page.locator('html[data-scene="idle"]').waitFor({ state: 'attached' })
  tablets.door.say({ visit: { number: 888, status: 'here' } })
  await page.getByText('888').waitFor()
  expect(await page.evaluate('document.cookie')).toBe('')
  for (const digit of '13579024') await page.keyboard.press(digit)
  await page.keyboard.press('Enter')
  await expect.poll(() => tablets.door.codes).toEqual(['13579024'])
  for (const tablet of tablets.paired.all()) tablets.paired.remove(tablet)
  tablets.closeRemoved()
  await page.locator('html[data-keypad="off"]').waitFor({ state: 'attached' })
  await page.goto(address())
  expect(page.url()).toBe(`${address()}/pairing/`)
  expect(complaints).toEqual([])
})

test('a wrong code is answered where it was typed, in German too', async () => {
  const page = await newTablet('de-DE', 320)
  await page.goto(`${address()}/`)
  await page.getByLabel('Code').fill('wrong-one')
  await page.getByRole('button', { name: 'Koppeln' }).click()
  await page.getByRole('alert').getByText('Dieser Code ist falsch').waitFor()
  const width = await page.evaluate('document.documentElement.scrollWidth')
  expect(width).toBe(320)
  expect(complaints).toEqual([])
})

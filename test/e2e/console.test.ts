/** The console in a real browser: every page on every screen, and the main paths by hand. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleWords } from '../../cloud/translations/console/words.ts'
import { person } from '../../simulation/scenes/drawn-faces.ts'
import { newVisitor } from '../contracts/tables/examples.ts'
import { startBrowser } from '../support/browser.ts'
import { doorId, household, newId, snapshotKey } from '../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../support/cloud/console-home.ts'
import {
  addCodes,
  addPeople,
  guestCodeId,
  listId,
  otherId,
  personId,
} from '../support/cloud/console-people.ts'
import { strangerRings } from '../support/cloud/web-home.ts'
import { faultsOf, pageOf, takePicture } from '../support/console-browser.ts'
import { snapshots } from '../support/drawn-snapshots.ts'
import { isProof } from '../support/effort.ts'

const words = consoleWords.en
let home: ConsoleHome
let browser: Browser
let asked = ''
const robinId = newId()
beforeAll(async () => {
  home = await consoleHome()
  browser = await startBrowser()
  await home.cloud.says({
    type: 'door-state',
    lock: 'locked',
    contact: 'closed',
    pausedForMs: 0,
    visitId: null,
    settingsRevision: 1,
  })
  await robinCameIn()
  asked = (await strangerRings(home)).request
  await addPeople(home)
  await addCodes(home)
})
afterAll(async () => {
  await browser.close()
  await home.close()
})

let robinsVisit = ''
/** A visit with all that its page can show. */
async function robinCameIn(): Promise<void> {
  const { visits, visitors } = home.cloud.deps
  await visitors.put(newVisitor(household, { visitorId: robinId, name: 'Robin Vale' }))
  const { visitId } = await strangerRings(home, { name: 'noor', visitNumber: 4, seed: 3 })
  const [{ key } = { key: '' }] = await home.cloud.deps.photos.list(`faces/${doorId}/${visitId}/`)
  const seenAtMs = home.cloud.clock.nowMs()
  const ref = { household, doorId, visitId, number: 4, seenAtMs }
  await visits.addMatch(ref, robinId, key)
  for (const nth of Array(4).keys()) {
    home.cloud.upload(snapshotKey(visitId, seenAtMs + nth), snapshots.front(person('noor'), nth), 4)
  }
  await home.cloud.says({ type: 'bell-rung', visitId })
  const why = 'recognised in 2 snapshots'
  const entry = { atMs: seenAtMs, what: 'code-accepted', why, visitorId: robinId } as const
  await visits.addTimelineEntry(ref, 'came-in', entry)
  await visits.end(ref, 42_000)
  home.cloud.clock.advance(3_600_000)
  robinsVisit = visitId
}

/** One screen before a commit; `npm run proof` looks at all. */
const widths = isProof ? [390, 768, 1440] : [390]
const languages = isProof ? ['en', 'de'] : ['de']
const schemes = isProof ? (['light', 'dark'] as const) : (['light'] as const)

const pages: readonly (readonly [string, () => string])[] = [
  ['home', () => '/'],
  ['request', () => `/requests/${asked}`],
  ['requests', () => '/requests'],
  ['people', () => '/people?trustedFirst=yes'],
  ['person', () => `/people/${personId}`],
  ['edit-person', () => `/people/${personId}/edit`],
  ['merge-person', () => `/people/${personId}/merge?with=${otherId}`],
  ['guest-lists', () => '/lists'],
  ['guest-list', () => `/lists/${listId}`],
  ['visits', () => '/visits'],
  ['visits-filtered', () => '/visits?happened=came-in&search=robin'],
  ['visit', () => `/visits/${robinsVisit}`],
  ['visit-who', () => `/visits/${robinsVisit}/people/${robinId}`],
  ['more', () => '/more'],
  ['members', () => '/members'],
  ['member', () => '/members/max'],
  ['sessions', () => '/sessions'],
  ['door', () => `/doors/${doorId}`],
  ['codes', () => `/doors/${doorId}/codes`],
  ['code', () => `/doors/${doorId}/codes/${guestCodeId}`],
  ['calendars', () => `/doors/${doorId}/calendars`],
  ['code-new', () => `/doors/${doorId}/codes/new?for=courier`],
  ['pin-set', () => `/people/${personId}/codes/new?for=duress`],
  ['pin-by-link', () => `/pin/#t=${personId}`],
  ['privacy', () => '/privacy'],
  ['about-visit', () => '/you'],
  ['door-add', () => '/doors/add'],
  ['live-not-asked', () => `/doors/${doorId}/live`],
  ['live-ended', () => `/doors/${doorId}/live?command=${'0'.repeat(32)}&sent=0`],
  ['notices', () => '/notices'],
  ['unlock', () => `/doors/${doorId}/unlock/${'0'.repeat(32)}?sent=0`],
  ['not-found', () => '/doors/nothing/unlock/1'],
]

test.each(pages)('the page %s fits every screen, by day and night', async (name, path) => {
  for (const locale of languages) {
    const page = await pageOf({ browser, home }, { locale })
    const complaints: string[] = []
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
    await page.goto(`${home.origin}${path()}`)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 844 })
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme })
        expect([width, colorScheme, await faultsOf(page)]).toEqual([width, colorScheme, []])
        await takePicture(page, `${name}-${locale}-${width}-${colorScheme}`)
      }
    }
    expect(complaints).toEqual([])
    await page.context().close()
  }
})

test('a member unlocks a door by keyboard, and reads what became of it', async () => {
  const page = await pageOf({ browser, home, person: 'member' })
  await page.goto(home.origin)
  await page.locator('summary').focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: words.unlock.asking }).waitFor()
  const body = home.cloud.told.at(-1)?.body
  const commandId = body && 'nonce' in body ? body.nonce : null
  await home.cloud.says({
    type: 'unlock-accepted',
    origin: 'cloud',
    by: 'member max',
    commandId,
    visitId: null,
    holdMs: 5_000,
  })
  await page.getByRole('heading', { name: 'Front door is unlocked' }).waitFor()
  await page.context().close()
})

test('without a script a viewer looks, and cannot open', async () => {
  const page = await pageOf({ browser, home, person: 'viewer' }, { javaScriptEnabled: false })
  await page.goto(home.origin)
  await page.getByRole('heading', { name: 'Front door', exact: true }).waitFor()
  expect(await page.getByText(words.home.unlock).count()).toBe(0)
  await page.context().close()
})

test('a photo of another kind becomes a JPEG in the browser, and appears by itself', async () => {
  const page = await pageOf({ browser, home })
  await page.goto(`${home.origin}/people/${otherId}`)
  await page.getByRole('button', { name: words.people.photo }).click()
  const choose = (name: string, mimeType: string, buffer: Buffer) =>
    page.locator('#file').setInputFiles({ name, mimeType, buffer })
  const send = () => page.getByRole('button', { name: words.photo.upload }).click()
  await choose('photo.heic', '', Buffer.from('x'))
  await send()
  await page.getByText(words.photo.flaws.heic).waitFor()
  await choose('photo.png', 'image/png', await page.screenshot())
  await send()
  await page.getByRole('heading', { name: words.photo.waiting }).waitFor()
  await home.cloud.settled()
  await page.getByRole('button', { name: words.photo.use }).click()
  await page.locator('img.portrait').waitFor()
  await page.context().close()
})

test('a visitor appears by itself', async () => {
  const page = await pageOf({ browser, home })
  await page.goto(home.origin)
  const before = await page.locator('.waiting').count()
  await strangerRings(home, { name: 'sam', visitNumber: 8 })
  await expect.poll(() => page.locator('.waiting').count()).toBe(before + 1)
  await page.context().close()
})

test('a visit is found, corrected and kept without a script', async () => {
  const page = await pageOf({ browser, home }, { javaScriptEnabled: false })
  await page.goto(`${home.origin}/visits`)
  await page.getByLabel(words.visits.search).fill('robin')
  await page.getByRole('button', { name: words.visit.find }).click()
  await page.getByRole('link', { name: /Robin Vale/ }).click()
  await page.getByText('Robin Vale was recognised').waitFor()
  await page.getByRole('button', { name: words.visit.keep }).click()
  await page.getByText('Kept by owner@example.org').waitFor()
  await page.getByRole('button', { name: 'This is not Robin Vale' }).click()
  await page.getByText('Corrected by owner@example.org').waitFor()
  await page.context().close()
})

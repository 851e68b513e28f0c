/** A door's page: its state, its settings, the wait after wrong codes, and the live view. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { translations } from '../../../../cloud/translations/translations.ts'
import { doorId, household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'

const words = consoleWords.en
const path = `/doors/${doorId}`
let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
})
afterAll(() => home.close())

const page = async (as?: Parameters<ConsoleHome['open']>[1]) => (await home.open(path, as)).text
const door = async () => (await home.cloud.deps.households.find(household))?.doors[0]
const typed = async (changes: Record<string, string> = {}) => ({
  revision: String((await door())?.revision),
  ...{ name: 'Front door', unlockSeconds: '5', heldOpenSeconds: '60' },
  ...{ language: 'en', timeZone: 'Europe/Berlin', ...changes },
})
const lastCommand = () => home.cloud.told.at(-1)?.body
const nonceAt = (text: string, action: string): string =>
  new RegExp(`action="${action}">\\s*<input type="hidden" name="nonce" value="(\\w+)"`).exec(
    text,
  )?.[1] ?? ''

test('settings are pending until the door has applied them', async () => {
  await home.cloud.says({ type: 'settings-applied', revision: 1 })
  expect(await page()).toContain(words.door.saved)
  const form = await typed({ name: 'Garden door', unlockSeconds: '2,5', timeZone: 'Asia/Tokyo' })
  const { status, location } = await home.send(`${path}/settings`, form)
  expect([status, location]).toEqual([303, path])
  const settings = { unlockHoldMs: 2_500, timeZone: 'Asia/Tokyo', heldOpenAfterMs: 60_000 }
  expect(await door()).toMatchObject({ name: 'Garden door', revision: 2, settings })
  expect(lastCommand()).toMatchObject({ type: 'settings', revision: 2, settings })
  expect(await page()).toContain(words.door.pending)
  await home.cloud.says({ type: 'settings-applied', revision: 2 })
  expect(await page()).toContain(words.door.saved)
})

test('a form that is sent twice, or changes only the name, sends nothing to the door', async () => {
  const form = await typed({ heldOpenSeconds: '90' })
  const sent = home.cloud.told.length
  await home.send(`${path}/settings`, form)
  await home.send(`${path}/settings`, form)
  await home.send(`${path}/settings`, { ...form, name: 'Front door' })
  expect(home.cloud.told).toHaveLength(sent + 1)
  expect((await door())?.name).toBe('Front door')
})

test('a change from an outdated page is shown before it replaces another', async () => {
  const before = await typed({ unlockSeconds: '7' })
  await home.send(`${path}/settings`, await typed({ unlockSeconds: '9' }))
  const refused = await home.send(`${path}/settings`, before)
  expect(refused.status).toBe(409)
  expect(refused.text).toContain(words.door.changed)
  expect(refused.text).toContain('value="7"')
  expect((await door())?.settings.unlockHoldMs).toBe(9_000)
})

test.each([
  ['name', ''],
  ['name', 'x'.repeat(61)],
  ['unlockSeconds', '0.1'],
  ['unlockSeconds', '31'],
  ['unlockSeconds', '1e1'],
  ['heldOpenSeconds', '4'],
  ['heldOpenSeconds', '"><b>'],
  ['timeZone', 'Europe/Atlantis'],
] as const)('refuses %s "%s" at its field', async (field, value) => {
  const before = await door()
  const { status, text } = await home.send(`${path}/settings`, await typed({ [field]: value }))
  expect(status).toBe(422)
  expect(text.includes(words.door.problems[field].split('{')[0] ?? '')).toBe(true)
  expect(text.includes('"><b>')).toBe(false)
  expect(await door()).toEqual(before)
})

test('escapes a hostile name', async () => {
  const form = await typed({ name: '<script>alert(1)</script>' })
  await home.send(`${path}/settings`, form)
  for (const at of [path, '/', '/more', `${path}/live`]) {
    expect((await home.open(at)).text).not.toContain('<script>alert')
  }
  await home.send(`${path}/settings`, { ...form, name: 'Front door' })
})

test('viewers see the state, and neither settings nor commands', async () => {
  const text = await page('viewer')
  expect(text).toContain(words.door.health)
  expect(text).not.toContain(`${path}/settings`)
})

test('shows what the door declared, and what went wrong lately', async () => {
  expect(await page()).toContain('0.2.0')
  expect(await page()).toContain('Nothing in the last 30 days.')
  await home.cloud.says({ type: 'lock-failed', action: 'close', detail: 'stuck' })
  await home.cloud.says({ type: 'lock-closed', cause: 'hold-over' })
  expect(await page()).toContain(translations.en.alarmMail.kinds['lock-failed'].title)
})

test('an owner ends the wait after wrong codes', async () => {
  expect(await page()).not.toContain(words.door.waitTitle)
  const wait = { reason: 'daily-limit', forMs: 30_000, wrongInDay: 20, visitId: null } as const
  await home.cloud.says({ type: 'keypad-paused', ...wait })
  expect(await page('member')).toContain(words.door.waitTitle)
  expect(await page('member')).not.toContain(words.door.lift)
  const nonce = nonceAt(await page(), `${path}/lift`)
  const { location } = await home.send(`${path}/lift`, { nonce })
  expect(lastCommand()).toMatchObject({ type: 'lift-pause', nonce, by: 'member olivia' })
  expect((await home.open(location ?? '')).text).toContain(words.unlock.asking)
  const request = { origin: 'cloud', by: 'member olivia', commandId: nonce } as const
  await home.cloud.says({ type: 'keypad-resumed', ...request })
  expect((await home.open(location ?? '')).text).toContain('The wait at Front door has ended')
  expect(await page()).not.toContain(words.door.waitTitle)
})

test('the page for a new door names the household', async () => {
  expect((await home.open('/doors/add')).text).toContain('door add maple-street_side-door')
})

// ---------------------------------------------------------------- live view

const startLive = async () => {
  const nonce = nonceAt((await home.open('/', 'viewer')).text, `${path}/live`)
  const { location } = await home.send(`${path}/live`, { nonce }, 'viewer')
  return { nonce, at: location ?? '' }
}
const watched = (commandId: string) =>
  ({ type: 'live-watched', origin: 'cloud', by: 'member vera', commandId, forMs: 1 }) as const

test('a live view waits for the door, then for a picture, and ends by itself', async () => {
  const { nonce, at } = await startLive()
  expect(lastCommand()).toMatchObject({ type: 'watch-live', nonce, forMs: 120_000 })
  const asked = await home.open(at, 'viewer')
  expect([asked.headers.get('refresh'), asked.text.includes(words.live.asking)]).toEqual([
    '1',
    true,
  ])
  await home.cloud.says(watched(nonce))
  expect((await home.open(at, 'viewer')).text).toContain(words.live.asking)
  home.cloud.clock.advance(24_000)
  const none = await home.open(at, 'viewer')
  expect([none.headers.get('refresh'), none.text.includes(words.live.noPicture)]).toEqual([
    null,
    true,
  ])
  home.cloud.clock.advance(100_000)
  expect((await home.open(at, 'viewer')).text).toContain(words.live.ended)
})

test('says why the door refused a live view', async () => {
  const { nonce, at } = await startLive()
  const refused = { type: 'request-refused', origin: 'cloud', by: 'member vera' } as const
  const request = { request: 'watch-live', reason: 'clock-unknown', commandId: nonce } as const
  await home.cloud.says({ ...refused, ...request })
  expect((await home.open(at, 'viewer')).text).toContain(words.unlock.reasons['clock-unknown'])
})

test('a live view with a made-up command only offers to start one', async () => {
  const { text, headers } = await home.open(`${path}/live?command=${newId().slice(1)}&sent=x`)
  expect(text).toContain(words.live.start)
  expect(headers.get('refresh')).toBeNull()
})

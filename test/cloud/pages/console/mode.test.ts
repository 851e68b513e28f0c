/** The mode of a door in the console: shown to all, set by members, held open by owners only. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { doorId, household } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'

const path = `/doors/${doorId}`
const hourMs = 3_600_000
let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
})
afterAll(() => home.close())

const formNonce = async () =>
  /action="[^"]*\/mode">\s*<input type="hidden" name="nonce" value="(\w+)"/.exec(
    (await home.open(path)).text,
  )?.[1] ?? ''
async function set(mode: string, hours: string, as: 'owner' | 'member' | 'viewer' = 'owner') {
  const nonce = await formNonce()
  return { nonce, ...(await home.send(`${path}/mode`, { nonce, mode, hours }, as)) }
}
const reported = (nonce: string, mode: 'privacy' | 'normal', untilMs: number | null = null) =>
  home.cloud.says({
    ...{ type: 'mode-set', origin: 'cloud', by: 'member olivia', commandId: nonce },
    ...{ mode, untilMs, inForce: mode },
  })

test('a member sets privacy for four hours, and every member sees it until it ends', async () => {
  const { nonce, location } = await set('privacy', '4', 'member')
  const untilMs = home.cloud.clock.nowMs() + 4 * hourMs
  expect(home.cloud.told.at(-1)?.body).toMatchObject({
    ...{ type: 'set-mode', nonce, mode: 'privacy', untilMs, by: 'member max' },
  })
  expect((await home.open(location ?? '')).text).toContain(consoleWords.en.unlock.asking)
  await reported(nonce, 'privacy', untilMs)
  expect((await home.open(location ?? '')).text).toContain('Front door has taken over the mode')
  for (const at of ['/', path]) {
    expect((await home.open(at, 'viewer')).text).toContain('data-mode="privacy"')
  }
  home.cloud.clock.advance(5 * hourMs)
  expect((await home.open('/', 'viewer')).text).not.toContain('data-mode')
})

test('only an owner holds the door open', async () => {
  const sent = home.cloud.told.length
  expect((await set('passage', '1', 'member')).status).toBe(403)
  expect((await set('privacy', '1', 'viewer')).status).toBe(403)
  expect(home.cloud.told).toHaveLength(sent)
  expect((await home.open(path, 'member')).text).not.toContain('value="passage"')
  await set('passage', 'open')
  expect(home.cloud.told.at(-1)?.body).toMatchObject({ mode: 'passage', untilMs: null })
})

test.each([
  ['locked', '1'],
  ['privacy', '9'],
])('refuses the form %s for %s hours', async (mode, hours) => {
  expect((await set(mode, hours)).status).toBe(400)
})

test('saving other settings keeps the hours of the week', async () => {
  const ref = { household, doorId }
  const door = async () => (await home.cloud.deps.households.find(household))?.doors[0]
  const settings = (await door())?.settings
  if (!settings) throw new Error('no door')
  const night = { mode: 'privacy' as const, weekdays: [1], fromMinute: 1_320, toMinute: 420 }
  await home.cloud.deps.households.changeSettings(ref, { ...settings, modeHours: [night] })
  await home.send(`${path}/settings`, {
    ...{ revision: String((await door())?.revision), name: 'Front door', language: 'en' },
    ...{ unlockSeconds: '7', heldOpenSeconds: '60', timeZone: 'Europe/Berlin' },
  })
  expect((await door())?.settings).toMatchObject({ unlockHoldMs: 7_000, modeHours: [night] })
})

/** `smart-door replay`: the log of a door, judged once more by other rules. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { neverMs, type StoredGrant } from '../../../device/core/credentials/grant.ts'
import { type Terms, unused } from '../../../device/core/credentials/terms.ts'
import { sealRows } from '../../../device/core/log/log-chain.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { firstState, idOf, tagOf } from '../../contracts/device/store.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'

/** A Monday; the door is in UTC. */
const mondayMs = Date.UTC(2026, 5, 1)
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const [cleaner, courier] = [1, 2]

const terms = (changes: Partial<Terms> = {}): Terms => ({
  ...{ kind: 'standing', endsAtMs: null, weeklyHours: [], visits: null },
  ...{ second: null, flags: [], ...changes },
})
const grantOf = (holder: number, changes: Partial<Terms> = {}): StoredGrant => ({
  ...{ grantId: idOf(holder), visitorId: idOf(100 + holder), visitId: null, digits: 8 },
  ...{ notBeforeMs: 1, expiresAtMs: neverMs, commandSeq: 1, closed: null },
  standing: { terms: terms(changes), uses: unused },
})
const accepted = (holder: number, visit: number): DoorBody => ({
  ...{ type: 'entry-accepted', origin: 'keypad', credential: 'standing', holdMs: 5_000 },
  ...{ grantId: idOf(holder), visitorId: idOf(100 + holder), visitId: idOf(visit) },
})
const refused = (grantId: string | null, reason: 'outside-hours' | 'wrong'): DoorBody => ({
  ...{ type: 'entry-refused', origin: 'keypad', reason, grantId, visitId: null },
  ...{ wrongInRow: 1, wrongInDay: 1 },
})

let door: RunningDoor
beforeAll(async () => {
  door = await runDoor({ startNow: false, config: { link: 'none' } })
  mkdirSync(dirname(door.databasePath), { recursive: true, mode: 0o700 })
  const store = openStore(door.databasePath, { warn: () => {} })
  const mornings = { weekdays: [1, 2], fromMinute: 8 * 60, toMinute: 12 * 60 }
  const happened: readonly (readonly [number, DoorBody])[] = [
    [9 * hourMs, accepted(cleaner, 201)],
    [10 * hourMs, accepted(courier, 202)],
    [11 * hourMs, accepted(courier, 203)],
    [13 * hourMs, refused(idOf(cleaner), 'outside-hours')],
    [14 * hourMs, refused(null, 'wrong')],
    [dayMs + 9 * hourMs, accepted(cleaner, 204)],
  ]
  store.commit({
    ...{ state: firstState, rows: [], acknowledged: [] },
    changes: [
      ...[grantOf(cleaner, { weeklyHours: [mornings] }), grantOf(courier)].map(
        (grant, index) => ({ kind: 'store-grant', grant, tag: tagOf(index + 1) }) as const,
      ),
      ...['Mira', 'Parcels'].map((name, index) => {
        const known = { name, language: 'en' } as const
        const visitor = { visitorId: idOf(101 + index), known, commandSeq: 1 }
        return { kind: 'store-visitor', visitor } as const
      }),
    ],
  })
  for (const [index, [afterMs, body]] of happened.entries()) {
    const seal = { doorId: 'front-door', atMs: mondayMs + afterMs, timeKnown: true }
    const rows = sealRows(store.head(), [body], { ...seal, ids: [idOf(300 + index)] })
    store.commit({ ...{ state: {}, changes: [], acknowledged: [] }, rows })
  }
  store.close()
})
afterAll(() => door.close())

function replay(settings: unknown, ...more: string[]) {
  const file = join(door.folder, 'try.json')
  writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings))
  return smartDoor('replay', '--config', door.configPath, '--settings', file, ...more)
}

it('says that the same rules change nothing, and writes nothing', async () => {
  const before = readFileSync(door.databasePath)
  const { code, stdout } = await replay({})
  expect([code, stdout]).toEqual([
    0,
    `0 of 5 entries would have been refused.
0 that were refused would have opened the door.
1 codes that were typed cannot be judged again: wrong ones, and those that the door has deleted.
This is about the last 30 days of the log. Nothing was changed.
`,
  ])
  expect(readFileSync(door.databasePath).equals(before)).toBe(true)
})

it('names those who would not have got in, and why', async () => {
  const mondays = { weekdays: [1], fromMinute: 8 * 60, toMinute: 14 * 60 }
  const { stdout } = await replay({
    codes: { Mira: { weeklyHours: [mondays] }, '*': { visits: 1 } },
  })
  expect(stdout).toMatch(
    /^2 of 5 entries would have been refused:\n {2}#3 .* Parcels: it was used in as many visits as it is for\.\n {2}#6 .* Mira: it is not valid at this hour\.\n1 that were refused would have opened the door:\n {2}#4 .* Mira: then it is not valid at this hour\.\n/,
  )
})

it('knows modes and time zones', async () => {
  const holiday = { mode: 'holiday', weekdays: [2], fromMinute: 0, toMinute: 0 }
  expect((await replay({ modeHours: [holiday] })).stdout).toMatch(
    /^1 of 5 .*\n {2}#6 .* Mira: the mode of the door lets no such codes in\.\n/,
  )
  // Nine hours ahead of UTC.
  expect((await replay({ timeZone: 'Asia/Tokyo' })).stdout).toMatch(/^2 of 5 /)
})

it('looks back as many days as it is asked to', async () => {
  expect((await replay({ '*': {} }, '--days', '1')).code).toBe(64)
  expect((await replay({ codes: { '*': { visits: 1 } } }, '--days', '1')).stdout).toMatch(
    /^2 of 5 /,
  )
  expect((await replay({ codes: { Parcels: { weeklyHours: [] } } }, '--days', '1')).code).toBe(0)
})

it.each([
  ['no JSON', '{', 'it is not JSON'],
  ['a word that is not known', { opens: 1 }, '"opens" is not known here'],
  ['a time zone that is none', { timeZone: 'Europe/Atlantis' }, '"timeZone" is not valid'],
  ['hours that are none', { codes: { Mira: { visits: 0 } } }, '"codes.Mira.visits" is not valid'],
])('says what is wrong with %s', async (_, settings, sentence) => {
  const { code, stdout, stderr } = await replay(settings)
  expect([code, stdout]).toEqual([64, ''])
  expect(stderr).toContain(sentence)
  expect(stderr).toContain('See: smart-door replay --help')
})

it('says which option is missing, or out of range', async () => {
  expect((await smartDoor('replay')).stderr).toContain('--settings FILE is missing')
  expect((await replay({}, '--days', '0')).stderr).toContain('--days takes a whole number')
  const missing = await smartDoor('replay', '--settings', join(door.folder, 'none.json'))
  expect(missing.stderr).toContain('it cannot be read (ENOENT)')
})

/** Terms as they are typed, also on the days on which clocks change. */
import { expect, test } from 'vitest'
import { instantAt, typedInstant } from '../../../cloud/credentials/core/local-instant.ts'
import { noTerms, readTerms, typedTerms } from '../../../cloud/credentials/core/terms-form.ts'
import { newCredential, newDoor } from '../../contracts/tables/examples.ts'

test.each([
  ['Europe/Berlin', '2026-12-24', 18 * 60, '2026-12-24T17:00:00Z'],
  ['Europe/Berlin', '2026-07-01', 0, '2026-06-30T22:00:00Z'],
  // Skipped: 02:30 does not come.
  ['Europe/Berlin', '2026-03-29', 150, '2026-03-29T01:30:00Z'],
  // Comes twice: the first.
  ['Europe/Berlin', '2026-10-25', 150, '2026-10-25T00:30:00Z'],
  ['America/St_Johns', '2026-11-01', 90, '2026-11-01T04:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-04', 135, '2026-10-03T15:45:00Z'],
  ['Pacific/Apia', '2026-01-01', 0, '2025-12-31T11:00:00Z'],
  ['UTC', '2026-01-01', 1, '2026-01-01T00:01:00Z'],
])('in %s on %s minute %i is %s', (timeZone, day, minute, at) => {
  expect(new Date(instantAt(day, minute, timeZone)).toISOString()).toBe(at.replace('Z', '.000Z'))
})

const nowMs = Date.parse('2026-11-30T12:00:00Z')
const place = { purpose: 'guest', timeZone: 'Europe/Berlin', nowMs } as const
const guest = { ...noTerms, ends: '2026-12-24T18:30' }

test('everything is read, and shown again as it was typed', () => {
  const typed = {
    ...{ begins: '2026-12-20T15:00', ends: '2026-12-24T18:30', weekdays: '135' },
    ...{ from: '08:00', to: '12:30', visits: '3', hoursAfterUse: '', face: 'yes' },
  }
  const read = readTerms(typed, place)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  expect(read.terms).toEqual({
    second: 'face',
    validity: {
      notBeforeMs: Date.parse('2026-12-20T14:00Z'),
      expiresAtMs: Date.parse('2026-12-24T17:30Z'),
      weeklyHours: [{ weekdays: [1, 3, 5], fromMinute: 480, toMinute: 750 }],
      visits: 3,
    },
  })
  expect(typedTerms(newCredential(newDoor(), read.terms), place.timeZone)).toEqual(typed)
})

test('nothing typed means any time', () => {
  const read = readTerms(noTerms, { ...place, purpose: 'pin' })
  const validity = { notBeforeMs: nowMs, expiresAtMs: null, weeklyHours: [], visits: null }
  expect(read).toEqual({ ok: true, terms: { second: null, validity } })
})

test.each([
  [{ ends: '' }, { ends: 'no-end' }],
  [{ ends: '2026-11-30T12:59' }, { ends: 'end-passed' }],
  [{ ends: '2026-02-30T10:00' }, { ends: 'unfit' }],
  [{ ends: 'tomorrow' }, { ends: 'unfit' }],
  [{ begins: '2027-01-01T00:00' }, { ends: 'end-before-start' }],
  [{ weekdays: '' }, { weekdays: 'missing' }],
  [{ from: '25:00' }, { from: 'unfit' }],
  [{ visits: '0' }, { visits: 'unfit' }],
  [
    { visits: '1001', hoursAfterUse: '-1' },
    { visits: 'unfit', hoursAfterUse: 'unfit' },
  ],
  [{ hoursAfterUse: '1000' }, { hoursAfterUse: 'unfit' }],
])('%j is refused: %j', (changes, problems) => {
  expect(readTerms({ ...guest, ...changes }, place)).toEqual({ ok: false, problems })
})

test('an instant is shown as it was typed', () => {
  for (const typed of ['2026-03-29T03:30', '2026-10-25T02:30', '2026-12-31T00:00']) {
    const [day = '', time = ''] = typed.split('T')
    const minute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
    expect(typedInstant(instantAt(day, minute, 'Europe/Berlin'), 'Europe/Berlin')).toBe(typed)
  }
})

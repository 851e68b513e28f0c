/** What owners read about a code that was refused. */
import { describe, expect, it } from 'vitest'
import { neverMs, type StoredGrant } from '../../../../device/core/credentials/grant.ts'
import { localHolderId } from '../../../../device/core/credentials/local-holder.ts'
import { type Terms, unused } from '../../../../device/core/credentials/terms.ts'
import { sentenceFor } from '../../../../device/core/log/explain.ts'
import type { EntryRefusal } from '../../../../protocol/messages/door.ts'

const ada = 'c'.repeat(32)
/** Monday, 7 December 2026, 21:30 in Berlin. */
const atMs = Date.UTC(2026, 11, 7, 20, 30)
const tuesdays = { weekdays: [2], fromMinute: 9 * 60, toMinute: 12 * 60 }

const grant = (terms: Partial<Terms> = {}, changes: Partial<StoredGrant> = {}): StoredGrant => ({
  ...{ grantId: 'd'.repeat(32), visitorId: ada, visitId: null, digits: 8, commandSeq: 1 },
  ...{ notBeforeMs: 1, expiresAtMs: neverMs, closed: null },
  standing: {
    terms: {
      ...{ kind: 'standing', endsAtMs: null, weeklyHours: [tuesdays], visits: null },
      ...{ second: null, flags: [], ...terms },
    },
    uses: unused,
  },
  ...changes,
})

function said(reason: EntryRefusal, held: StoredGrant | null, timeZone = 'Europe/Berlin') {
  const sentence = sentenceFor(
    {
      ...{ v: 1, id: 'e'.repeat(32), doorId: 'door', seq: 1, atMs, timeKnown: true },
      ...{ prev: '0'.repeat(64), type: 'entry-refused', origin: 'keypad', reason },
      ...{ grantId: 'd'.repeat(32), visitId: null, wrongInRow: 1, wrongInDay: 1 },
    },
    {
      nameOf: (visitorId) => (visitorId === ada ? 'Ada' : null),
      grantOf: () => held,
      timeZone,
    },
  )
  return sentence.replace(/ Wrong codes in a row.*/, '')
}

describe('a code that was refused', () => {
  it.each<[string, EntryRefusal, StoredGrant | null, string]>([
    [
      'at another hour',
      'outside-hours',
      grant(),
      'The code of Ada was refused: it is not valid at this hour; the next time is Tuesday, 8 December, 09:00.',
    ],
    [
      'on an excepted day',
      'outside-hours',
      grant({ exceptDates: ['2026-12-08'] }),
      'The code of Ada was refused: it is not valid at this hour; the next time is Tuesday, 15 December, 09:00.',
    ],
    [
      'at another hour, and ends before the next',
      'outside-hours',
      grant({}, { expiresAtMs: atMs + 3_600_000 }),
      'The code of Ada was refused: it is not valid at this hour; there is no next time.',
    ],
    [
      'too early',
      'not-yet-valid',
      grant({ weeklyHours: [] }, { notBeforeMs: Date.UTC(2026, 11, 24, 14) }),
      'The code of Ada was refused: it is not valid yet; the next time is Thursday, 24 December, 15:00.',
    ],
    [
      'after its end',
      'expired',
      grant({}, { expiresAtMs: Date.UTC(2026, 11, 1, 11) }),
      'The code of Ada was refused: it had expired; it ended on Tuesday, 1 December, 12:00.',
    ],
    [
      'and withdrawn since',
      'outside-hours',
      grant({}, { closed: 'revoked' }),
      'The code of Ada was refused: it is not valid at this hour.',
    ],
    [
      'whose holder is not known',
      'mode',
      grant({}, { visitorId: localHolderId }),
      'A code was refused: the mode of the door lets no such codes in.',
    ],
    ['that the door has deleted', 'expired', null, 'A code was refused: it had expired.'],
  ])('%s', (_, reason, held, sentence) => {
    expect(said(reason, held)).toBe(sentence)
  })

  it('is explained in the time zone of the door', () => {
    expect(said('outside-hours', grant(), 'Asia/Tokyo')).toContain('Tuesday, 8 December, 09:00')
  })
})

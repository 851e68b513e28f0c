/** The rule by which a code opens the door: a table of examples. */
import { describe, expect, test } from 'vitest'
import { admit, type Circumstances } from '../../../../device/core/credentials/admission.ts'
import { neverMs, type StoredGrant } from '../../../../device/core/credentials/grant.ts'
import { type Terms, type Uses, unused } from '../../../../device/core/credentials/terms.ts'
import type { EntryRefusal } from '../../../../protocol/messages/door.ts'

const nowMs = Date.parse('2026-03-24T10:00:00Z')
const hourMs = 3_600_000

const now: Circumstances = {
  nowMs,
  timeKnown: true,
  timeZone: 'Europe/Berlin',
  visitId: 'visit',
  judgesPins: true,
  mode: 'normal',
  seenVisitors: [],
  totpPeriod: null,
}

const oneTime: StoredGrant = {
  ...{
    grantId: 'grant',
    visitorId: 'person',
    visitId: null,
    digits: 8,
    commandSeq: 1,
    closed: null,
  },
  ...{ notBeforeMs: nowMs - hourMs, expiresAtMs: nowMs + hourMs, standing: null },
}

const pin = (terms: Partial<Terms> = {}, uses: Partial<Uses> = {}): StoredGrant => ({
  ...oneTime,
  expiresAtMs: terms.endsAtMs ?? neverMs,
  standing: {
    terms: {
      ...{
        kind: 'standing',
        endsAtMs: null,
        weeklyHours: [],
        visits: null,
        second: null,
        flags: [],
      },
      ...terms,
    },
    uses: { ...unused, ...uses },
  },
})

/** In Berlin it is 11:00 on a Tuesday. */
const tuesdays = { weeklyHours: [{ weekdays: [2], fromMinute: 11 * 60, toMinute: 12 * 60 }] }
const nights = { weeklyHours: [{ weekdays: [2], fromMinute: 22 * 60, toMinute: 2 * 60 }] }
const unknown = { timeKnown: false }

describe('a code', () => {
  test.each<[string, StoredGrant | null, Partial<Circumstances>, EntryRefusal | null]>([
    ['that exists nowhere', null, {}, 'wrong'],
    ['of one time', oneTime, {}, null],
    ['of one time, with the time unknown', oneTime, unknown, 'clock-unknown'],
    ['of one time, while PINs rest', oneTime, { judgesPins: false }, null],
    ['of one time, used', { ...oneTime, closed: 'used' }, {}, 'used'],
    ['of a resident', pin(), {}, null],
    ['of a resident, with the time unknown', pin(), unknown, null],
    ['of a resident, while PINs rest', pin(), { judgesPins: false }, 'pins-resting'],
    ['of a resident, withdrawn', { ...pin(), closed: 'revoked' }, {}, 'revoked'],
    ['of a resident from tomorrow on', { ...pin(), notBeforeMs: nowMs + 1 }, {}, 'not-yet-valid'],
    [
      'from a day that may have come',
      { ...pin(), notBeforeMs: nowMs + 1 },
      unknown,
      'clock-unknown',
    ],
    ['within its hours', pin(tuesdays), {}, null],
    ['within its hours, with the time unknown', pin(tuesdays), unknown, 'clock-unknown'],
    ['outside its hours', pin(nights), {}, 'outside-hours'],
    ['within its hours in another zone', pin(tuesdays), { timeZone: 'UTC' }, 'outside-hours'],
    ['on an excepted day', pin({ ...tuesdays, exceptDates: ['2026-03-24'] }), {}, 'outside-hours'],
    ['in its last millisecond', pin({ endsAtMs: nowMs + 1 }), {}, null],
    ['at its end', pin({ endsAtMs: nowMs }), {}, 'expired'],
    ['with an end, with the time unknown', pin({ endsAtMs: neverMs }), unknown, 'clock-unknown'],
    ['for hours from the first use', pin({ endsAfterFirstUseMs: hourMs }), {}, null],
    [
      'the same, with the time unknown',
      pin({ endsAfterFirstUseMs: hourMs }),
      unknown,
      'clock-unknown',
    ],
    [
      'of a courier with a visit left',
      pin({ visits: 2 }, { visits: 1, lastVisitId: 'old' }),
      {},
      null,
    ],
    ['of a courier, with the time unknown', pin({ visits: 2 }, { visits: 1 }), unknown, null],
    [
      'of a courier in the same visit',
      pin({ visits: 1 }, { visits: 1, lastVisitId: 'visit' }),
      {},
      null,
    ],
    [
      'of a courier in one visit too many',
      pin({ visits: 1 }, { visits: 1, lastVisitId: 'old' }),
      {},
      'visits-used',
    ],
    [
      'with a face that was not seen',
      pin({ second: 'face' }),
      { seenVisitors: ['other'] },
      'second-missing',
    ],
    ['with a face that was seen', pin({ second: 'face' }), { seenVisitors: ['person'] }, null],
    ['with an app, without its code', pin({ second: 'totp' }), {}, 'second-missing'],
    ['with an app and its code', pin({ second: 'totp' }), { totpPeriod: 8 }, null],
    [
      'with the code of the app again',
      pin({ second: 'totp' }, { lastTotpPeriod: 8 }),
      { totpPeriod: 8 },
      'second-missing',
    ],
    [
      'with an earlier code of the app',
      pin({ second: 'totp' }, { lastTotpPeriod: 8 }),
      { totpPeriod: 7 },
      'second-missing',
    ],
    [
      'with an app, with the time unknown',
      pin({ second: 'totp' }),
      { ...unknown, totpPeriod: 8 },
      'clock-unknown',
    ],
    ['of a sheet', pin({ kind: 'break-glass' }), { ...unknown, judgesPins: false }, null],
    ['of duress', pin({ flags: ['duress'] }), {}, null],
  ])('%s', (_, grant, changes, reason) => {
    const verdict = admit(grant, { ...now, ...changes })
    expect(verdict).toEqual(
      reason === null
        ? { admitted: true, grant }
        : { admitted: false, reason, grantId: grant?.grantId ?? null },
    )
  })
})

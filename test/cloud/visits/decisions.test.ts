/** The rule that two snapshots must agree. */
import { describe, expect, test } from 'vitest'
import {
  afterMatch,
  afterSettling,
  afterStranger,
  isDecided,
  seenOnce,
} from '../../../cloud/visits/core/two-snapshots-rule.ts'
import { lastSeenAtMs, type Stranger, type Visit } from '../../../cloud/visits/core/visit.ts'

const place = 'maple-street_front/visit'
const face = (takenAt: number, nth = 1) => `faces/${place}/${takenAt}-${nth}.jpg`
const snapshot = (takenAt: number) => `snapshots/${place}/${takenAt}.jpg`

const empty: Visit = {
  household: 'maple-street',
  doorId: 'maple-street_front',
  visitId: 'ab'.repeat(16),
  number: 4,
  startedAtMs: 1_000,
  endedAtMs: null,
  matches: {},
  strangers: [],
  scans: [],
  grants: {},
  timeline: [],
  corrections: {},
  kept: null,
}

const stranger = (snapshots: readonly number[], looksLike: string | null = null): Stranger => ({
  number: 1,
  face: { key: face(snapshots[0] ?? 0), sha256: 'cd'.repeat(32) },
  snapshots: snapshots.map(snapshot),
  resembles: looksLike === null ? null : { visitorId: looksLike, similarity: 91 },
})

const matched = (takenAt: readonly number[], nth = 1) => ({
  anna: takenAt.map((at) => face(at, nth)),
})

describe('a visitor on file', () => {
  test.each([
    ['once', [2_000], null],
    ['twice', [2_000, 3_000], 'issue-code'],
  ] as const)('recognised %s', (_, takenAt, action) => {
    expect(afterMatch({ ...empty, matches: matched(takenAt) }, 'anna')?.kind ?? null).toBe(action)
  })

  test('recognised twice in one snapshot counts once', () => {
    const matches = { anna: [face(2_000, 1), face(2_000, 2)] }
    expect(afterMatch({ ...empty, matches }, 'anna')).toBeNull()
  })

  test('who has a code is only followed up', () => {
    const grants = { anna: { grantId: 'ef'.repeat(16), expiresAtMs: 9_000 } }
    const visit = { ...empty, matches: matched([2_000]), grants }
    expect(afterMatch(visit, 'anna')?.kind).toBe('resume-code')
  })

  test('recognised in one snapshot, when no more come, is asked about', () => {
    const visit = { ...empty, matches: matched([2_000]) }
    expect(seenOnce(visit)).toEqual([{ visitorId: 'anna', face: face(2_000) }])
    expect(seenOnce({ ...visit, strangers: [stranger([3_000], 'anna')] })).toEqual([])
  })

  test('was seen last when the last picture was taken', () => {
    expect(lastSeenAtMs({ ...empty, matches: matched([2_000, 5_000, 3_000]) }, 'anna')).toBe(5_000)
    expect(lastSeenAtMs(empty, 'anna')).toBe(0)
  })
})

describe('a further snapshot', () => {
  const grants = { anna: { grantId: 'ef'.repeat(16), expiresAtMs: 9_000 } }
  const known = { ...empty, matches: matched([2_000, 3_000]), grants }

  test('is not searched shortly after all people were decided', () => {
    expect(isDecided(known, 4_000)).toBe(true)
    expect(isDecided(known, 5_999)).toBe(true)
  })

  test.each([
    ['three seconds later', known, 6_000],
    ['when it was searched before', known, 3_000],
    ['before there is a code', { ...known, grants: {} }, 4_000],
    ['in a visit of a stranger', { ...known, strangers: [stranger([2_000, 3_000])] }, 4_000],
    ['when no one was seen', empty, 4_000],
  ])('is searched %s', (_, visit, takenAtMs) => {
    expect(isDecided(visit, takenAtMs)).toBe(false)
  })
})

describe('a stranger', () => {
  test('in one snapshot is asked about when no more come, in two immediately', () => {
    const once = { ...empty, strangers: [stranger([2_000])] }
    expect(afterStranger(once, 1)).toBeNull()
    expect(afterSettling(once)).toMatchObject([{ subject: 'stranger-1', why: 'seen-once' }])
    const twice = { ...empty, strangers: [stranger([2_000, 3_000])] }
    expect(afterStranger(twice, 1)).toMatchObject({ why: 'not-on-file' })
  })

  test('who resembles a visitor on file is asked about, with that reason', () => {
    const visit = { ...empty, strangers: [stranger([2_000, 3_000], 'anna')] }
    expect(afterStranger(visit, 1)).toMatchObject({ why: 'weak-match' })
  })

  test('who resembles a recognised visitor is that visitor, looking away', () => {
    const visit = {
      ...empty,
      matches: matched([2_000, 4_000]),
      strangers: [stranger([3_000, 5_000], 'anna')],
    }
    expect(afterStranger(visit, 1)).toBeNull()
    expect(afterSettling(visit)).toEqual([])
  })

  test('in the same snapshot as the visitor they resemble is another person', () => {
    const visit = {
      ...empty,
      matches: matched([2_000, 4_000]),
      strangers: [stranger([4_000], 'anna')],
    }
    expect(afterSettling(visit)).toMatchObject([{ why: 'weak-match' }])
  })

  test('who resembles a visitor recognised only once is asked about', () => {
    const visit = {
      ...empty,
      matches: matched([2_000]),
      strangers: [stranger([3_000], 'anna')],
    }
    expect(afterSettling(visit)).toMatchObject([{ why: 'weak-match' }])
  })
})

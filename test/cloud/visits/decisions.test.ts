/** Who of a visit gets a code, about whom the owner is asked, and about whom not. */
import { describe, expect, test } from 'vitest'
import {
  afterMatch,
  afterSettling,
  afterStranger,
  lastSeenAtMs,
  type Stranger,
  seenOnce,
  type Visit,
} from '../../../cloud/visits/core/visit.ts'

const place = 'maple-street_front/visit'
const face = (takenAt: number, nth = 1) => `faces/${place}/${takenAt}-${nth}.jpg`
const snapshot = (takenAt: number) => `snapshots/${place}/${takenAt}.jpg`

const nobody: Visit = {
  household: 'maple-street',
  doorId: 'maple-street_front',
  visitId: 'ab'.repeat(16),
  number: 4,
  startedAtMs: 1_000,
  endedAtMs: null,
  matches: {},
  strangers: [],
  grants: {},
  timeline: [],
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

describe('somebody on file', () => {
  test.each([
    ['once', [2_000], null],
    ['twice', [2_000, 3_000], 'issue-code'],
  ] as const)('recognised %s', (_, takenAt, wish) => {
    expect(afterMatch({ ...nobody, matches: matched(takenAt) }, 'anna')?.kind ?? null).toBe(wish)
  })

  test('recognised twice in one still is recognised once', () => {
    const matches = { anna: [face(2_000, 1), face(2_000, 2)] }
    expect(afterMatch({ ...nobody, matches }, 'anna')).toBeNull()
  })

  test('who has a code is only followed up', () => {
    const grants = { anna: { grantId: 'ef'.repeat(16), expiresAtMs: 9_000 } }
    const visit = { ...nobody, matches: matched([2_000]), grants }
    expect(afterMatch(visit, 'anna')?.kind).toBe('resume-code')
  })

  test('seen once, when no more stills come, is asked about', () => {
    const visit = { ...nobody, matches: matched([2_000]) }
    expect(seenOnce(visit)).toEqual([{ visitorId: 'anna', face: face(2_000) }])
    expect(seenOnce({ ...visit, strangers: [stranger([3_000], 'anna')] })).toEqual([])
  })

  test('was seen last when the last picture was taken', () => {
    expect(lastSeenAtMs({ ...nobody, matches: matched([2_000, 5_000, 3_000]) }, 'anna')).toBe(5_000)
    expect(lastSeenAtMs(nobody, 'anna')).toBe(0)
  })
})

describe('a stranger', () => {
  test('in one still is asked about when no more come, in two at once', () => {
    const once = { ...nobody, strangers: [stranger([2_000])] }
    expect(afterStranger(once, 1)).toBeNull()
    expect(afterSettling(once)).toMatchObject([{ subject: 'stranger-1', why: 'seen-once' }])
    const twice = { ...nobody, strangers: [stranger([2_000, 3_000])] }
    expect(afterStranger(twice, 1)).toMatchObject({ why: 'nobody-on-file' })
  })

  test('who resembles somebody on file is asked about, with that reason', () => {
    const visit = { ...nobody, strangers: [stranger([2_000, 3_000], 'anna')] }
    expect(afterStranger(visit, 1)).toMatchObject({ why: 'weak-match' })
  })

  test('who is somebody recognised for sure, looking away, is nobody else', () => {
    const visit = {
      ...nobody,
      matches: matched([2_000, 4_000]),
      strangers: [stranger([3_000, 5_000], 'anna')],
    }
    expect(afterStranger(visit, 1)).toBeNull()
    expect(afterSettling(visit)).toEqual([])
  })

  test('who stands beside the one they look like is somebody else', () => {
    const visit = {
      ...nobody,
      matches: matched([2_000, 4_000]),
      strangers: [stranger([4_000], 'anna')],
    }
    expect(afterSettling(visit)).toMatchObject([{ why: 'weak-match' }])
  })

  test('who looks like somebody seen only once is asked about', () => {
    const visit = {
      ...nobody,
      matches: matched([2_000]),
      strangers: [stranger([3_000], 'anna')],
    }
    expect(afterSettling(visit)).toMatchObject([{ why: 'weak-match' }])
  })
})

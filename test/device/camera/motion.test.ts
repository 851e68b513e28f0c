/** Motion is detected in clips with a visitor, in time and once, and not in the others. */
import { describe, expect, test } from 'vitest'
import { createMotionDetector, type MotionRules } from '../../../device/camera/core/motion.ts'
import { isProof, testProof } from '../../support/effort.ts'
import {
  type Clip,
  clipOf,
  clipSize,
  clips,
  repeatingClips,
} from '../../support/video/motion-clips.ts'

const rules: MotionRules = {
  ...clipSize,
  sensitivity: 5,
  zones: [],
  minimumMs: 300,
  quietMs: 2_000,
}

function watch(clip: Clip, changed: Partial<MotionRules> = {}) {
  const detector = createMotionDetector({ ...rules, ...changed })
  return clip.pictures.map((picture) => ({
    ...picture,
    ...detector.see(picture.grey, picture.atMs),
  }))
}

const times = (seen: readonly { readonly moving: boolean }[]): number =>
  seen.filter(({ moving }, index) => moving && !seen[index - 1]?.moving).length

describe.each(isProof ? [1, 2, 3] : [1])('with noise %i', (seed) => {
  test.each(clips(seed))('$name: each visitor detected once, soon, for the whole time', (clip) => {
    const seen = watch(clip)
    expect(times(seen)).toBe(clip.events)
    if (clip.events === 0) return
    const inIt = seen.filter(({ hasVisitor }) => hasVisitor)
    const noticed = inIt.filter(({ moving }) => moving).length
    expect(noticed / inIt.length).toBeGreaterThan(0.85)
    const first = inIt[0]?.atMs ?? 0
    const noticedAt = seen.find(({ moving }) => moving)?.atMs ?? Number.POSITIVE_INFINITY
    expect(noticedAt - first).toBeLessThanOrEqual(700)
  })
})

describe.each(isProof ? [1, 2, 3] : [1])('with noise %i', (seed) => {
  describe.each(repeatingClips(seed))('$name', (clip) => {
    const seen = watch(clip)
    const from = seen.findIndex(({ hasVisitor }) => hasVisitor)

    test('is learned in time', () => {
      const alone = seen.slice(0, from)
      expect(times(alone)).toBeLessThanOrEqual(8)
      expect(alone.filter(({ moving }) => moving).length).toBeLessThan(alone.length * 0.45)
      const later = alone.filter(({ atMs }) => atMs >= clip.learnedByMs)
      expect(later.length).toBeGreaterThan(90)
      expect(later.filter(({ moving }) => moving)).toEqual([])
    })

    test('hides no visitor', () => {
      const inIt = seen.filter(({ hasVisitor }) => hasVisitor)
      expect(inIt.slice(0, 7).at(-1)?.moving).toBe(true)
      expect(inIt.filter(({ moving }) => moving).length / inIt.length).toBeGreaterThan(0.85)
      expect(times(seen.slice(from))).toBe(1)
    })
  })
})

testProof('ten visitors in two minutes are all detected, though they take the same way', () => {
  const walks = Array.from({ length: 10 }, (_, n) => [5 + n * 12, 13 + n * 12] as const)
  const seen = watch(clipOf('a party', { seconds: 130, walks, stopping: 0.5 }))
  for (const [from, to] of walks) {
    const stay = seen.filter(({ atMs }) => atMs >= from * 1_000 && atMs < to * 1_000)
    expect(stay.some(({ moving }) => moving)).toBe(true)
  }
})

test('a visitor who stands still stays detected for half a minute', () => {
  const clip = clipOf('waiting', { seconds: 50, walks: [[5, 45]], stopping: 0.9 })
  const seen = watch(clip)
  expect(times(seen)).toBe(1)
  expect(seen.findLast(({ moving }) => moving)?.atMs).toBeGreaterThan(40_000)
})

test('the box is around the visitor', () => {
  const clip = clipOf('walking', { seconds: 20, walks: [[8, 14]] })
  const middle = watch(clip).find(({ atMs }) => atMs === 11_000)?.box
  expect(middle?.left).toBeGreaterThan(50)
  expect((middle?.left ?? 0) + (middle?.width ?? 0)).toBeLessThan(112)
  expect(middle?.height).toBeGreaterThan(50)
})

test('outside all zones nothing is detected', () => {
  const clip = clipOf('walking', { seconds: 20, walks: [[8, 14]] })
  expect(times(watch(clip, { zones: [{ left: 0, top: 0, width: 100, height: 12 }] }))).toBe(0)
  expect(times(watch(clip, { zones: [{ left: 40, top: 0, width: 20, height: 100 }] }))).toBe(1)
})

test('a visitor who leaves is not detected any more', () => {
  const clip = clipOf('there at first', { seconds: 150, walks: [[-5, 10]], stopping: 0.5 })
  const seen = watch(clip)
  expect(seen.at(-1)?.moving).toBe(false)
})

test('a picture of another size is a programming error', () => {
  const detector = createMotionDetector(rules)
  expect(() => detector.see(new Uint8Array(10), 0)).toThrow(RangeError)
})

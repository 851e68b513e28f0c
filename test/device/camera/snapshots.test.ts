/** Few pictures of a visit are sent: the first at once, the others only if they show something new. */
import { expect, test } from 'vitest'
import { createMotionDetector } from '../../../device/camera/core/motion.ts'
import { createSnapshotPicker, usualSnapshots } from '../../../device/camera/core/snapshots.ts'
import { type Clip, clipOf, clipSize } from '../../support/video/motion-clips.ts'

interface Sent {
  readonly takenAtMs: number
  readonly sentAtMs: number
}

/** The snapshots that the door would take while a visitor is detected. */
function snapshotsOf(clip: Clip, blurred = (_atMs: number) => false): Sent[] {
  const rules = { ...clipSize, sensitivity: 5, zones: [], minimumMs: 300, quietMs: 2_000 }
  const detector = createMotionDetector(rules)
  const picker = createSnapshotPicker<number>(usualSnapshots)
  return clip.pictures.flatMap(({ grey, atMs }) => {
    const { moving, box } = detector.see(grey, atMs)
    if (!moving) return []
    const seen = blurred(atMs) ? smeared(grey) : grey
    const candidate = { picture: atMs, grey: seen, widthPx: clip.widthPx, box, atMs }
    const takenAtMs = picker.consider(candidate)
    return takenAtMs === null ? [] : [{ takenAtMs, sentAtMs: atMs }]
  })
}

function smeared(grey: Uint8Array): Uint8Array {
  return grey.map((_, at) => {
    const around = Array.from({ length: 9 }, (_, next) => grey[at + next - 4] ?? 0)
    return around.reduce((sum, level) => sum + level, 0) / around.length
  })
}

const walk = clipOf('walk', { seconds: 20, walks: [[6, 12]] })
const wait = clipOf('wait', { seconds: 60, walks: [[6, 54]], stopping: 0.9 })

test('the first is sent within 0.3 s after motion has started', () => {
  const [first] = snapshotsOf(walk)
  expect(first?.sentAtMs).toBeLessThanOrEqual(7_000)
})

test('there are only a few, and never close together', () => {
  for (const clip of [walk, wait]) {
    const snapshots = snapshotsOf(clip)
    expect(snapshots.length).toBeGreaterThan(1)
    expect(snapshots.length).toBeLessThanOrEqual(usualSnapshots.atMost)
    const gaps = snapshots
      .slice(1)
      .map(({ takenAtMs }, at) => takenAtMs - (snapshots[at]?.takenAtMs ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(usualSnapshots.apartMs)
  }
})

test('a visitor who stands still is not sent repeatedly', () => {
  const gaps = snapshotsOf(wait)
    .slice(2)
    .map(({ takenAtMs }, at, all) => (all[at + 1]?.takenAtMs ?? Number.NaN) - takenAtMs)
    .filter((gap) => !Number.isNaN(gap))
  expect(Math.min(...gaps)).toBeGreaterThan(2_000)
})

test('the sharpest of several pictures is taken', () => {
  const sharpOnes = snapshotsOf(walk, (atMs) => atMs % 300 !== 0)
  expect(sharpOnes.length).toBeGreaterThan(1)
  const chosenSharp = sharpOnes.filter(({ takenAtMs }) => takenAtMs % 300 === 0)
  expect(chosenSharp.length / sharpOnes.length).toBeGreaterThan(0.7)
})

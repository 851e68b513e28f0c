/**
 * Chooses the snapshots of a visit. The first good picture is sent at once, because a visitor is
 * waiting for a code. The next ones must be sharp and show something else, and there are only a few,
 * because each is analysed by a paid service.
 */
import type { Box } from './motion.ts'

interface SnapshotRules {
  /** Per visit. */
  readonly atMost: number
  /** The best picture of this time is taken. */
  readonly choosingMs: number
  /** The shortest time between two snapshots of a visit. */
  readonly apartMs: number
  /** After this time the next one may look like the last. */
  readonly repeatMs: number
}

export const usualSnapshots: SnapshotRules = {
  atMost: 8,
  choosingMs: 200,
  apartMs: 800,
  repeatMs: 4_000,
}

interface Candidate<Picture> {
  readonly picture: Picture
  readonly grey: Uint8Array
  readonly widthPx: number
  readonly box: Box | null
  readonly atMs: number
}

export interface SnapshotPicker<Picture> {
  /** The picture to send now, if any; it may be an earlier one than the given. */
  consider(candidate: Candidate<Picture>): Picture | null
}

/** A lower value means motion blur or a dirty lens. */
const leastSharpness = 12
/** The average difference in grey levels of two pictures that show different things. */
const differentLevels = 9

interface Scored<Picture> extends Candidate<Picture> {
  readonly score: number
}

/** One picker serves one visit. */
export function createSnapshotPicker<Picture>(rules: SnapshotRules): SnapshotPicker<Picture> {
  let sent = 0
  let last: Candidate<Picture> | null = null
  let best: Scored<Picture> | null = null
  let choosingSinceMs = 0

  return {
    consider(candidate) {
      if (sent >= rules.atMost || tooSoon(last, candidate, rules)) return null
      const score = scoreOf(candidate)
      best ??= start(candidate, score)
      if (score > best.score) best = { ...candidate, score }
      if (candidate.atMs - choosingSinceMs < rules.choosingMs) return null
      const chosen = best
      best = null
      if (!isWorthSending(chosen, last, rules)) return null
      sent += 1
      last = chosen
      return chosen.picture
    },
  }

  function start(candidate: Candidate<Picture>, score: number): Scored<Picture> {
    choosingSinceMs = candidate.atMs
    return { ...candidate, score }
  }
}

const tooSoon = <P>(last: Candidate<P> | null, { atMs }: Candidate<P>, rules: SnapshotRules) =>
  last !== null && atMs - last.atMs < rules.apartMs

function isWorthSending<P>(
  chosen: Scored<P>,
  last: Candidate<P> | null,
  rules: SnapshotRules,
): boolean {
  if (last === null) return true
  if (chosen.atMs - last.atMs >= rules.repeatMs) return true
  if (chosen.score < leastSharpness) return false
  return differenceBetween(chosen.grey, last.grey) > differentLevels
}

/** Prefers what is sharp, large and not cut off; without motion the whole picture is scored. */
function scoreOf<P>({ grey, widthPx, box }: Candidate<P>): number {
  const whole = { left: 0, top: 0, width: widthPx, height: Math.floor(grey.length / widthPx) }
  const { left, top, width, height } = box ?? whole
  const sharp = sharpnessOf(grey, widthPx, box ?? whole)
  const share = (width * height) / grey.length
  const isCut = box !== null && (left === 0 || left + width >= widthPx) && top > 0
  return sharp * (box ? 0.5 + Math.min(0.5, share * 2) : 0.4) * (isCut ? 0.7 : 1)
}

/** How much neighbouring pixels differ in the upper half of the box, where the face is. */
function sharpnessOf(grey: Uint8Array, widthPx: number, box: Box): number {
  const bottom = box.top + Math.max(2, Math.floor(box.height / 2))
  const right = Math.min(widthPx, box.left + box.width) - 1
  let sum = 0
  let count = 0
  for (let y = box.top; y < bottom; y += 1) {
    for (let x = box.left; x < right; x += 1) {
      const at = y * widthPx + x
      const across = (grey[at] ?? 0) - (grey[at + 1] ?? 0)
      const down = (grey[at] ?? 0) - (grey[at + widthPx] ?? 0)
      sum += across * across + down * down
      count += 1
    }
  }
  return count === 0 ? 0 : Math.sqrt(sum / count)
}

function differenceBetween(one: Uint8Array, other: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at += 1) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0))
  return sum / one.length
}

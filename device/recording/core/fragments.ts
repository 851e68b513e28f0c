/**
 * Groups frames into fragments. A fragment starts with a key frame and lasts from one to twenty
 * seconds; within a stream no two frames have the same time.
 */
import type { AccessUnit } from './access-units.ts'
import {
  clusterStart,
  type FragmentTags,
  fragmentTags,
  isSameTrack,
  longestOffsetMs,
  simpleBlockParts,
  type VideoTrack,
} from './matroska.ts'

/** What a frame does to the fragments, in this order. */
type FragmentStep =
  | { readonly kind: 'completed'; readonly bytes: Buffer | null }
  | { readonly kind: 'opened'; readonly timecodeMs: number; readonly track: VideoTrack }
  /** The parts are views, to be copied if they are stored. */
  | { readonly kind: 'grew'; readonly parts: readonly Uint8Array[]; readonly atMs: number }

export interface FragmentLimits {
  readonly shortestMs: number
  readonly longestMs: number
  readonly largestBytes: number
}

/** The service refuses from 20 s and 50 MB on, and what is shorter than a second. */
export const serviceFragmentLimits: FragmentLimits = {
  shortestMs: 1_000,
  longestMs: 19_500,
  largestBytes: 48 * 1024 * 1024,
}

/** Frames may come a little out of order; a larger step back means that the clock was set. */
const clockStepMs = 2_000

interface Open {
  readonly timecodeMs: number
  readonly track: VideoTrack
  readonly tags: FragmentTags
  bytes: number
}

/** A fragment has the tags of its start, or else those that were set while it lasted. */
export function fragmenter(
  tags: () => FragmentTags,
  limits: FragmentLimits = serviceFragmentLimits,
) {
  let open: Open | null = null
  let lastAtMs = Number.NEGATIVE_INFINITY
  let leftOut = 0

  /** Ends the open fragment, if there is one. */
  const complete = (): FragmentStep[] => {
    if (!open) return []
    const hasTags = Object.keys(open.tags).length > 0
    const bytes = fragmentTags(hasTags ? open.tags : tags())
    open = null
    return [{ kind: 'completed', bytes }]
  }
  const begins = (unit: AccessUnit, atMs: number): boolean => {
    if (!unit.isKey) return false
    if (!open || !isSameTrack(open.track, unit.track)) return true
    return atMs - open.timecodeMs >= limits.shortestMs
  }
  const isFull = (unit: AccessUnit, atMs: number): boolean =>
    open !== null &&
    (atMs - open.timecodeMs > Math.min(limits.longestMs, longestOffsetMs) ||
      open.bytes + sizeOf(unit) > limits.largestBytes)

  return {
    frame(unit: AccessUnit, wantedAtMs: number): readonly FragmentStep[] {
      const steps: FragmentStep[] = []
      if (wantedAtMs < lastAtMs - clockStepMs) {
        // The clock was set back: a new fragment has the new time.
        steps.push(...complete())
        lastAtMs = Number.NEGATIVE_INFINITY
      }
      const atMs = Math.max(wantedAtMs, lastAtMs + 1)
      // Without a key frame in time the fragment ends here, and the next one waits for one.
      if (begins(unit, atMs) || isFull(unit, atMs)) steps.push(...complete())
      const isStart = open === null && unit.isKey
      if (isStart) {
        open = { timecodeMs: atMs, track: unit.track, tags: tags(), bytes: 0 }
        steps.push({ kind: 'opened', timecodeMs: atMs, track: unit.track })
      }
      if (!open) {
        leftOut += 1
        return steps
      }
      const parts = simpleBlockParts(unit.nals, atMs - open.timecodeMs, unit.isKey)
      if (isStart) parts.unshift(clusterStart(atMs))
      for (const part of parts) open.bytes += part.length
      lastAtMs = atMs
      steps.push({ kind: 'grew', parts, atMs })
      return steps
    },
    complete,
    /** How long the open fragment is so far; `null` when none is open. */
    openForMs: () => (open ? lastAtMs - open.timecodeMs : null),
    /** Frames that did not fit into a fragment. */
    leftOut: () => leftOut,
  }
}

const sizeOf = ({ nals }: AccessUnit): number => nals.reduce((sum, nal) => sum + nal.length + 4, 16)

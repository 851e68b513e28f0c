/** The recording of a visit: which span of the video it is, and clips of it to download. */
import type { RecordingSpan, Uses } from '../ports.ts'
import type { Visit } from './core/visit.ts'

type Deps = Uses<'visits'>

/** Shown before and after a visit, so that arrival and departure are in the recording. */
const marginMs = 5_000
/**
 * Kinesis Video silently leaves out of a clip what exceeds 200 fragments or 100 MB. A fragment lasts
 * at least a second, except the last of a visit.
 */
const longestPartMs = 180_000

interface Part {
  /** From 1. */
  readonly part: number
  readonly parts: number
}

type StoredClip =
  | ({ readonly outcome: 'stored'; readonly url: string; readonly expiresAtMs: number } & Part)
  | ({ readonly outcome: 'nothing-there' | 'too-long' } & Part)

/** Null without such a part. */
export async function storeClip(
  deps: Uses<'visits' | 'recordings' | 'clips'>,
  visit: Visit,
  part: number,
): Promise<StoredClip | null> {
  const spans = partsOf(await spanOf(deps, visit))
  const span = spans[part - 1]
  if (!span) return null
  const clip = await deps.recordings.clip(span)
  const position = { part, parts: spans.length }
  if (clip.outcome === 'no-clip') return { outcome: clip.why, ...position }
  const stored = await deps.clips.put({
    key: clipKey(visit, part),
    mp4: clip.mp4,
    fileName: `${visit.doorId}-${timeForFileName(span.fromMs)}.mp4`,
  })
  return { outcome: 'stored', ...stored, ...position }
}

export const clipKey = ({ doorId, visitId }: Visit, part: number): string =>
  `clips/${doorId}/${visitId}/${part}.mp4`

/** `2026-01-02T03-04-05Z`: file names cannot contain colons. */
const timeForFileName = (atMs: number): string =>
  new Date(atMs).toISOString().replace(/\.\d+/, '').replaceAll(':', '-')

/** The service selects fragments by their start, so a part ends a millisecond before the next. */
function partsOf({ streamName, fromMs, toMs }: RecordingSpan): readonly RecordingSpan[] {
  const parts = Math.max(1, Math.ceil((toMs - fromMs) / longestPartMs))
  return Array.from({ length: parts }, (_, nth) => ({
    streamName,
    fromMs: fromMs + nth * longestPartMs,
    toMs: nth === parts - 1 ? toMs : fromMs + (nth + 1) * longestPartMs - 1,
  }))
}

/**
 * The span to show for a visit, without the visits before and after it. A fragment that begins
 * before a visit ends belongs to that visit.
 */
export async function spanOf(deps: Deps, visit: Visit): Promise<RecordingSpan> {
  const { doorId, startedAtMs, endedAtMs } = visit
  const nowMs = deps.clock.nowMs()
  const latestMs = Math.min(nowMs, (endedAtMs ?? nowMs) + marginMs)
  const { previousEndMs, nextStartMs } = await neighboursOf(deps, visit, latestMs + marginMs)
  const fromMs = Math.min(startedAtMs, Math.max(startedAtMs - marginMs, previousEndMs + 1))
  const untilMs = Math.max(endedAtMs ?? startedAtMs, nextStartMs - marginMs - 1)
  // The service requires an end after the start.
  return { streamName: doorId, fromMs, toMs: Math.max(fromMs + 1, Math.min(latestMs, untilMs)) }
}

/** A longer visit before this one is not found. */
const longestLookBackMs = 3_600_000
const maxNeighbours = 100

/** When the previous visit at the same door ended, and when the next one began. */
async function neighboursOf({ visits }: Deps, visit: Visit, toMs: number) {
  const { household, doorId, visitId, startedAtMs } = visit
  const fromMs = startedAtMs - longestLookBackMs
  const page = await visits.history({ household, fromMs, toMs, limit: maxNeighbours })
  const others = page.visits.filter((one) => one.doorId === doorId && one.visitId !== visitId)
  const before = others.filter((one) => one.startedAtMs < startedAtMs)
  const after = others.filter((one) => one.startedAtMs > startedAtMs)
  return {
    previousEndMs: Math.max(...before.map(({ endedAtMs }) => endedAtMs ?? 0)),
    nextStartMs: Math.min(...after.map((one) => one.startedAtMs)),
  }
}

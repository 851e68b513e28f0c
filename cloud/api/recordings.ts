/** The recording of a visit: clips to download and a session to play. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { RecordingSpan } from '../ports.ts'
import type { Visit } from '../visits/core/visit.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  hexId,
  invalid,
  notFound,
  type WebDeps,
} from './shared.ts'

/** Shown before and after a visit, so that arrival and departure are in the recording. */
const marginMs = 5_000
/**
 * Kinesis Video silently leaves out of a clip what exceeds 200 fragments or 100 MB. A fragment lasts
 * at least a second, except the last of a visit.
 */
const longestPartMs = 180_000

export function recordingRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()

  // A POST, because it stores the clip.
  routes.post('/:id/clip', async (context) => {
    const body = await bodyOf(context, clipSchema)
    if (!body.ok) return invalid(context, body)
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    const { part } = body.data
    const spans = partsOf(await spanOf(deps, visit))
    const span = spans[part - 1]
    if (!span) return invalid(context, { field: 'part' })
    context.header('cache-control', 'no-store')
    const clip = await deps.recordings.clip(span)
    const position = { part, parts: spans.length }
    if (clip.outcome === 'no-clip') {
      return clip.why === 'nothing-there'
        ? context.json({ ...notRecorded, ...position }, 404)
        : context.json({ ...tooLong, ...position }, 413)
    }
    const { doorId, visitId } = visit
    const stored = await deps.clips.put({
      key: `clips/${doorId}/${visitId}/${part}.mp4`,
      mp4: clip.mp4,
      fileName: `${doorId}-${timeForFileName(span.fromMs)}.mp4`,
    })
    return context.json({ ...stored, ...position }, 201)
  })

  routes.get('/:id/recording', async (context) => {
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    context.header('cache-control', 'no-store')
    const session = await deps.recordings.play(await spanOf(deps, visit))
    return session ? context.json(session) : context.json(notRecorded, 404)
  })
  return routes
}

/** No body means the first part, usually the only one. */
const clipSchema = z._default(
  z.strictObject({ part: z._default(z.int().check(z.minimum(1)), 1) }),
  { part: 1 },
)

const tooLong = {
  problem: 'too-long',
  sentence: 'This recording is too large for a clip. Play it instead.',
}
const notRecorded = {
  problem: 'no-recording',
  sentence: 'This visit was not recorded, or its recording has expired.',
}

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

/** Visits are stored by door, and a household has few doors. */
async function visitOf({ households, visits }: WebDeps, context: ApiContext) {
  const { household } = context.get('member')
  const visitId = context.req.param('id') ?? ''
  if (!hexId.safeParse(visitId).success) return null
  const doors = (await households.find(household))?.doors ?? []
  const found = await Promise.all(
    doors.map(({ doorId }) => visits.find({ household, doorId, visitId })),
  )
  return found.find((visit) => visit !== null) ?? null
}

/**
 * The span to show for a visit, without the visits before and after it. A fragment that begins
 * before a visit ends belongs to that visit.
 */
async function spanOf(deps: WebDeps, visit: Visit): Promise<RecordingSpan> {
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
async function neighboursOf({ visits }: WebDeps, visit: Visit, toMs: number) {
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

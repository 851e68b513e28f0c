/** What a visit looked like: addresses of its clip, to be kept, and of its film, to be played. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { RecordingSpan } from '../ports.ts'
import type { Visit } from '../visits/core/visit.ts'
import type { WebDeps } from './deps.ts'
import { type ApiContext, type ApiEnv, bodyOf, hexId, notFound, problem, unfit } from './parts.ts'

/** How somebody came is in the film too, and so is that they left. */
const aroundMs = 5_000
/**
 * Kinesis Video leaves out of a clip what is behind 200 fragments or 100 MB, without a word. A
 * fragment lasts a second or more, but for the last of a visit.
 */
const longestPartMs = 180_000

export function recordingRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()

  // A clip is put where it can be fetched from: a wish, then, and no mere look.
  routes.post('/:id/clip', async (context) => {
    const wish = await bodyOf(context, clipSchema)
    if (!wish.ok) return unfit(context, wish)
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    const spans = partsOf(await spanOf(deps, visit))
    const span = spans[wish.data.part - 1]
    if (!span) return unfit(context, { field: 'part' })
    return clipped(deps, context, visit, { span, part: wish.data.part, parts: spans.length })
  })

  routes.get('/:id/recording', async (context) => {
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    context.header('cache-control', 'no-store')
    const session = await deps.recordings.play(await spanOf(deps, visit))
    return session ? context.json(session) : problem(context, 404, 'no-recording', notRecorded)
  })
  return routes
}

/** Nothing at all is the first part, and mostly the only one. */
const clipSchema = z._default(
  z.strictObject({ part: z._default(z.int().check(z.minimum(1)), 1) }),
  { part: 1 },
)

interface Part {
  readonly span: RecordingSpan
  readonly part: number
  readonly parts: number
}

async function clipped(
  { recordings, clips }: WebDeps,
  context: ApiContext,
  { doorId, visitId }: Visit,
  { span, part, parts }: Part,
): Promise<Response> {
  context.header('cache-control', 'no-store')
  const answer = await recordings.clip(span)
  if (answer.outcome === 'no-clip') {
    return answer.why === 'nothing-there'
      ? problem(context, 404, 'no-recording', notRecorded, { part, parts })
      : problem(context, 413, 'too-long', tooLong, { part, parts })
  }
  const key = `clips/${doorId}/${visitId}/${part}.mp4`
  const fileName = `${doorId}-${timeOf(span.fromMs)}.mp4`
  const kept = await clips.keep({ key, mp4: answer.mp4, fileName })
  return context.json({ ...kept, part, parts }, 201)
}

/** `2026-01-02T03-04-05Z`: a colon is not for names of files. */
const timeOf = (atMs: number): string =>
  new Date(atMs).toISOString().replace(/\.\d+/, '').replaceAll(':', '-')

/** What begins in one part is in none of the others: the service asks when a fragment begins. */
function partsOf({ streamName, fromMs, toMs }: RecordingSpan): readonly RecordingSpan[] {
  const parts = Math.max(1, Math.ceil((toMs - fromMs) / longestPartMs))
  return Array.from({ length: parts }, (_, nth) => ({
    streamName,
    fromMs: fromMs + nth * longestPartMs,
    toMs: nth === parts - 1 ? toMs : fromMs + (nth + 1) * longestPartMs - 1,
  }))
}

const tooLong = 'This film is too large for a clip: play it instead.'
const notRecorded = 'There is no film of this visit, or no longer.'

/** A visit lies with its door, and a household has few of them. */
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
 * A door's stream is named after it. Film that begins before a visit ends is of that visit; of what
 * is between two of them, the last seconds are the next one's.
 */
async function spanOf(deps: WebDeps, visit: Visit): Promise<RecordingSpan> {
  const { doorId, startedAtMs, endedAtMs } = visit
  const nowMs = deps.clock.nowMs()
  const latestMs = Math.min(nowMs, (endedAtMs ?? nowMs) + aroundMs)
  const { leftAtMs, comesAtMs } = await neighboursOf(deps, visit, latestMs + aroundMs)
  const fromMs = Math.min(startedAtMs, Math.max(startedAtMs - aroundMs, leftAtMs + 1))
  const untilMs = Math.max(endedAtMs ?? startedAtMs, comesAtMs - aroundMs - 1)
  // The service wants an end behind the start.
  return { streamName: doorId, fromMs, toMs: Math.max(fromMs + 1, Math.min(latestMs, untilMs)) }
}

/** Whoever stayed longer than that before is not looked for. */
const longestLookBackMs = 3_600_000
const mostNeighbours = 100

/** When whoever was at the same door before was gone, and when the next one came. */
async function neighboursOf({ visits }: WebDeps, visit: Visit, toMs: number) {
  const { household, doorId, visitId, startedAtMs } = visit
  const fromMs = startedAtMs - longestLookBackMs
  const page = await visits.history({ household, fromMs, toMs, limit: mostNeighbours })
  const others = page.visits.filter((one) => one.doorId === doorId && one.visitId !== visitId)
  const before = others.filter((one) => one.startedAtMs < startedAtMs)
  const after = others.filter((one) => one.startedAtMs > startedAtMs)
  return {
    leftAtMs: Math.max(...before.map(({ endedAtMs }) => endedAtMs ?? 0)),
    comesAtMs: Math.min(...after.map((one) => one.startedAtMs)),
  }
}

/** What a visit looked like: the clip of it, and the address at which a player finds it. */
import { Hono } from 'hono'
import type { Visit } from '../core/visit.ts'
import type { FilmSpan } from '../ports.ts'
import { type ApiContext, type ApiEnv, hexId, notFound, problem } from './api-parts.ts'
import type { WebDeps } from './deps.ts'

/** How somebody came is in the film too, and so is that they left. */
const aroundMs = 5_000

export function filmRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()

  routes.get('/:id/clip', async (context) => {
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    const answer = await deps.recordings.clip(spanOf(visit, deps.clock.nowMs()))
    context.header('cache-control', 'no-store')
    if (answer.outcome === 'clip') return context.body(answer.mp4, 200, { 'content-type': mp4 })
    if (answer.why === 'nothing-there') return problem(context, 404, 'no-film', notFilmed)
    return problem(context, 413, 'too-long', 'This film is too long for one clip: play it instead.')
  })

  routes.get('/:id/film', async (context) => {
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    context.header('cache-control', 'no-store')
    const session = await deps.recordings.play(spanOf(visit, deps.clock.nowMs()))
    return session ? context.json(session) : problem(context, 404, 'no-film', notFilmed)
  })
  return routes
}

const mp4 = 'video/mp4'
const notFilmed = 'There is no film of this visit, or no longer.'

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

/** A door's stream is named after it. */
const spanOf = ({ doorId, startedAtMs, endedAtMs }: Visit, nowMs: number): FilmSpan => ({
  streamName: doorId,
  fromMs: startedAtMs - aroundMs,
  toMs: Math.min(nowMs, (endedAtMs ?? nowMs) + aroundMs),
})

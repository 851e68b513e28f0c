/** The recording of a visit: clips to download and a session to play. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { findVisit } from '../visits/find-visit.ts'
import { spanOf, storeClip } from '../visits/recording.ts'
import { type ApiContext, type ApiEnv, bodyOf, invalid, notFound, type WebDeps } from './shared.ts'

export function recordingRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()

  // A POST, because it stores the clip.
  routes.post('/:id/clip', async (context) => {
    const body = await bodyOf(context, clipSchema)
    if (!body.ok) return invalid(context, body)
    const visit = await visitOf(deps, context)
    if (!visit) return notFound(context)
    context.header('cache-control', 'no-store')
    const clip = await storeClip(deps, visit, body.data.part)
    if (!clip) return invalid(context, { field: 'part' })
    const { outcome, ...stored } = clip
    if (outcome === 'stored') return context.json(stored, 201)
    return outcome === 'nothing-there'
      ? context.json({ ...notRecorded, ...stored }, 404)
      : context.json({ ...tooLong, ...stored }, 413)
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

async function visitOf(deps: WebDeps, context: ApiContext) {
  const { household } = context.get('member')
  const home = await deps.households.find(household)
  return findVisit(deps, home, context.req.param('id') ?? '')
}

/** The household's doors: their settings, remote commands, and the live view. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import {
  type CloudBody,
  longestCommandLifeMs,
  longestWatchMs,
} from '../../protocol/messages/cloud.ts'
import { ownersSettings } from '../doors/core/settings-form.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  doorOf,
  invalid,
  notFound,
  notViewers,
  ownersOnly,
  type WebDeps,
} from './shared.ts'

export function doorRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  const owners = ownersOnly(deps)

  routes.get('/', async (context) => {
    const home = await deps.households.find(context.get('member').household)
    return context.json({ doors: home?.doors ?? [] })
  })

  routes.put('/:id/settings', owners, async (context) => {
    const settings = await bodyOf(context, ownersSettings)
    if (!settings.ok) return invalid(context, settings)
    const { household } = context.get('member')
    const door = { household, doorId: context.req.param('id') }
    const changed = await deps.owners.changeSettings(door, settings.data)
    return changed ? context.json(changed) : notFound(context)
  })

  routes.get('/:id/state', async (context) => {
    const { household } = context.get('member')
    const door = await doorOf(deps, context.get('member'), context.req.param('id'))
    if (!door) return notFound(context)
    return context.json(await deps.doorStates.find({ household, doorId: door.doorId }))
  })
  routes.post('/:id/unlock', notViewers(deps), (context) =>
    command(deps, context, (fresh) => ({ type: 'unlock', ...fresh })),
  )
  routes.post('/:id/lift-pause', owners, (context) =>
    command(deps, context, (fresh) => ({ type: 'lift-pause', ...fresh })),
  )

  routes.post('/:id/watch', async (context) => {
    const body = await bodyOf(context, watchSchema)
    if (!body.ok) return invalid(context, body)
    return command(deps, context, (fresh) => ({ type: 'watch-live', ...fresh, ...body.data }))
  })

  routes.get('/:id/live', async (context) => {
    const door = await doorOf(deps, context.get('member'), context.req.param('id'))
    if (!door) return notFound(context)
    context.header('cache-control', 'no-store')
    const session = await deps.recordings.play({ streamName: door.doorId })
    if (session) return context.json(session)
    const sentence = 'The door is not recording. It starts a few seconds after a request.'
    return context.json({ problem: 'no-recording', sentence }, 404)
  })
  return routes
}

/** No body means the longest time; 0 ends the live view. */
const watchMs = z.int().check(z.minimum(0), z.maximum(longestWatchMs))
const watchSchema = z._default(z.strictObject({ forMs: z._default(watchMs, longestWatchMs) }), {
  forMs: longestWatchMs,
})

interface Fresh {
  readonly nonce: string
  readonly expiresAtMs: number
  readonly by: string
}

/** Sends a command that the door must execute at once or never. */
async function command(
  deps: WebDeps,
  context: ApiContext,
  bodyFor: (fresh: Fresh) => CloudBody,
): Promise<Response> {
  const member = context.get('member')
  const door = await doorOf(deps, member, context.req.param('id') ?? '')
  if (!door) return notFound(context)
  // The door refuses an expired command, and accepts each nonce once.
  const expiresAtMs = deps.clock.nowMs() + longestCommandLifeMs
  const nonce = deps.newId()
  const body = bodyFor({ nonce, expiresAtMs, by: `member ${member.memberId}` })
  const { doorId } = door
  if (!(await deps.owners.command(doorId, body, nonce))) {
    const sentence = 'This door does not support that.'
    return context.json({ problem: 'not-supported', sentence }, 409)
  }
  deps.log.info({ doorId, type: body.type, memberId: member.memberId }, 'command sent')
  return context.json({ outcome: 'sent', commandId: nonce, expiresAtMs }, 202)
}

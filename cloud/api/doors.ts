/** The household's doors: their settings, opening one from afar, and looking through its camera. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import {
  type CloudBody,
  longestCommandLifeMs,
  longestWatchMs,
  settingsSchema,
} from '../../protocol/messages/cloud.ts'
import type { WebDeps } from './deps.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  doorOf,
  notFound,
  ownersOnly,
  problem,
  unfit,
} from './parts.ts'

export function doorRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  const owners = ownersOnly(deps)

  routes.get('/', async (context) => {
    const home = await deps.households.find(context.get('member').household)
    return context.json({ doors: home?.doors ?? [] })
  })

  routes.put('/:id/settings', owners, async (context) => {
    const settings = await bodyOf(context, settingsSchema)
    if (!settings.ok) return unfit(context, settings)
    const { household } = context.get('member')
    const door = { household, doorId: context.req.param('id') }
    const changed = await deps.owners.changeSettings(door, settings.data)
    return changed ? context.json(changed) : notFound(context)
  })

  routes.post('/:id/unlock', (context) =>
    commanded(deps, context, (fresh) => ({ type: 'unlock', ...fresh })),
  )
  routes.post('/:id/lift-pause', owners, (context) =>
    commanded(deps, context, (fresh) => ({ type: 'lift-pause', ...fresh })),
  )

  routes.post('/:id/watch', async (context) => {
    const wish = await bodyOf(context, watchSchema)
    if (!wish.ok) return unfit(context, wish)
    return commanded(deps, context, (fresh) => ({ type: 'watch-live', ...fresh, ...wish.data }))
  })

  routes.get('/:id/live', async (context) => {
    const door = await doorOf(deps, context.get('member'), context.req.param('id'))
    if (!door) return notFound(context)
    context.header('cache-control', 'no-store')
    const session = await deps.recordings.play({ streamName: door.doorId })
    return session ? context.json(session) : problem(context, 404, 'no-recording', notRecording)
  })
  return routes
}

/** Nothing at all is as long as may be; no time ends it. */
const watchedMs = z.int().check(z.minimum(0), z.maximum(longestWatchMs))
const watchSchema = z._default(z.strictObject({ forMs: z._default(watchedMs, longestWatchMs) }), {
  forMs: longestWatchMs,
})
const notRecording = 'The door is not filming. It does a few seconds after it was asked to.'

interface Fresh {
  readonly nonce: string
  readonly expiresAtMs: number
  readonly by: string
}

/** What is asked of a door at once or not at all. */
async function commanded(
  deps: WebDeps,
  context: ApiContext,
  bodyOf: (fresh: Fresh) => CloudBody,
): Promise<Response> {
  const member = context.get('member')
  const door = await doorOf(deps, member, context.req.param('id') ?? '')
  if (!door) return notFound(context)
  // A late command is worth nothing, and the door takes each nonce once.
  const expiresAtMs = deps.clock.nowMs() + longestCommandLifeMs
  const body = bodyOf({ nonce: deps.newId(), expiresAtMs, by: `member ${member.memberId}` })
  const { doorId } = door
  await deps.owners.command(doorId, body)
  deps.log.info({ doorId, type: body.type, memberId: member.memberId }, 'door commanded')
  return context.json({ outcome: 'sent', expiresAtMs }, 202)
}

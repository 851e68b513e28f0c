/** The household's doors: their settings, and opening one from afar. */
import { Hono } from 'hono'
import { longestCommandLifeMs, settingsSchema } from '../../protocol/messages.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  doorOf,
  notFound,
  ownersOnly,
  unfit,
} from './api-parts.ts'
import type { WebDeps } from './deps.ts'

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

  routes.post('/:id/unlock', (context) => commanded(deps, context, 'unlock'))
  routes.post('/:id/lift-pause', owners, (context) => commanded(deps, context, 'lift-pause'))
  return routes
}

/** What is asked of a lock at once or not at all. */
async function commanded(
  deps: WebDeps,
  context: ApiContext,
  type: 'unlock' | 'lift-pause',
): Promise<Response> {
  const member = context.get('member')
  const door = await doorOf(deps, member, context.req.param('id') ?? '')
  if (!door) return notFound(context)
  // A late command is worth nothing, and the door takes each nonce once.
  const expiresAtMs = deps.clock.nowMs() + longestCommandLifeMs
  const fresh = { nonce: deps.newId(), expiresAtMs, by: `member ${member.memberId}` }
  await deps.owners.command(door.doorId, { type, ...fresh })
  const { doorId } = door
  deps.log.info({ doorId, type, memberId: member.memberId }, 'door commanded')
  return context.json({ outcome: 'sent', expiresAtMs }, 202)
}

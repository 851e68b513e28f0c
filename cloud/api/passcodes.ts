/** Sends a code to a visitor on file, or checks whether the door would accept a code. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { doorIdSchema } from '../../protocol/messages/shared.ts'
import type { CodeOutcome } from '../passcodes/core/grant.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  doorOf,
  hexId,
  invalid,
  notFound,
  ownersOnly,
  type WebDeps,
} from './shared.ts'

const passcodeSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('send'), visitorId: hexId, doorId: doorIdSchema }),
  z.strictObject({
    action: z.literal('verify'),
    doorId: doorIdSchema,
    code: z.string().check(z.regex(/^\d{6,8}$/)),
  }),
])

export function passcodeRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.post('/', ownersOnly(deps), async (context) => {
    const body = await bodyOf(context, passcodeSchema)
    if (!body.ok) return invalid(context, body)
    const { household } = context.get('member')
    const door = await doorOf(deps, context.get('member'), body.data.doorId)
    if (!door) return notFound(context)
    const ref = { household, doorId: door.doorId }
    if (body.data.action === 'verify') {
      return context.json({ accepted: await deps.owners.wouldAccept(ref, body.data.code) })
    }
    const outcome = await deps.owners.sendCode(ref, body.data.visitorId)
    return outcome === null ? notFound(context) : answer(context, outcome)
  })
  routes.all('/', (context) => {
    context.header('allow', 'POST')
    return context.json({ problem: 'post-only', sentence: 'This path only accepts POST.' }, 405)
  })
  return routes
}

function answer(context: ApiContext, outcome: CodeOutcome | 'blocked') {
  switch (outcome) {
    case 'on-its-way':
    case 'has-one':
      return context.json({ outcome }, 202)
    case 'limited':
      return context.json({ problem: outcome, sentence: 'No more codes may be sent for now.' }, 429)
    case 'crowded':
      return context.json({ problem: outcome, sentence: 'Too many codes are in use.' }, 503)
    case 'blocked':
      return context.json({ problem: outcome, sentence: 'This visitor is blocked.' }, 409)
    case 'unknown-door':
      return notFound(context)
    default:
      return outcome satisfies never
  }
}

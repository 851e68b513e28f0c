/** Texts a passcode to a visitor on file, or says whether a code would be accepted just now. */
import { Hono, type MiddlewareHandler } from 'hono'
import * as z from 'zod/mini'
import { doorIdSchema } from '../../protocol/messages/shared.ts'
import type { CodeNews } from '../approvals/core/answer.ts'
import type { WebDeps } from './deps.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  doorOf,
  hexId,
  notFound,
  ownersOnly,
  problem,
  unfit,
} from './parts.ts'

const passcodeSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('send'), visitorId: hexId, doorId: doorIdSchema }),
  z.strictObject({
    action: z.literal('verify'),
    doorId: doorIdSchema,
    code: z.string().check(z.regex(/^\d{6,8}$/)),
  }),
])

/** As the gateway calls the route whose throttle keeps codes from being tried one by one. */
export const throttledRoute = 'POST /v1/passcodes'

const gatewaySchema = z.object({
  requestContext: z.object({ routeKey: z.literal(throttledRoute) }),
})

/** The gateway hands paths on decoded, so that only its route tells how one was spelled. */
const onlyThrottled: MiddlewareHandler<ApiEnv> = async (context, next) =>
  gatewaySchema.safeParse(context.env).success ? next() : notFound(context)

export function passcodeRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.post('/', onlyThrottled, ownersOnly(deps), async (context) => {
    const body = await bodyOf(context, passcodeSchema)
    if (!body.ok) return unfit(context, body)
    const { household } = context.get('member')
    const door = await doorOf(deps, context.get('member'), body.data.doorId)
    if (!door) return notFound(context)
    const ref = { household, doorId: door.doorId }
    if (body.data.action === 'verify') {
      // The API gateway limits how often this may be asked; the keypad counts for itself.
      return context.json({ accepted: await deps.owners.wouldAccept(ref, body.data.code) })
    }
    const news = await deps.owners.sendCode(ref, body.data.visitorId)
    return news === null ? notFound(context) : answer(context, news)
  })
  routes.all('/', (context) => {
    context.header('allow', 'POST')
    return problem(context, 405, 'post-only', 'This path only takes POST.')
  })
  return routes
}

function answer(context: ApiContext, news: CodeNews) {
  switch (news) {
    case 'on-its-way':
    case 'has-one':
      return context.json({ outcome: news }, 202)
    case 'limited':
      return problem(context, 429, news, 'As many codes were sent as are allowed for now.')
    case 'crowded':
      return problem(context, 503, news, 'Too many codes of this door are in use just now.')
    case 'unknown-door':
      return notFound(context)
    default:
      return news satisfies never
  }
}

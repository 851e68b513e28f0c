/** Approval requests for signed-in owners, who need not type the visit number. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Member } from '../members/core/household.ts'
import {
  type ApiEnv,
  bodyOf,
  invalid,
  invalidFields,
  languageOf,
  notFound,
  ownersOnly,
  type WebDeps,
} from './shared.ts'

const text = z._default(z.string().check(z.maxLength(300)), '')
/** Null for a request without a picture. */
const face = z.nullable(z.string().check(z.regex(/^[0-9a-f]{64}$/)))

const decideSchema = z.discriminatedUnion('decision', [
  z.strictObject({
    decision: z.literal('allow'),
    face,
    name: text,
    phone: text,
    email: text,
    prefers: text,
    language: text,
    validity: text,
    remembersFace: z._default(z.boolean(), false),
  }),
  z.strictObject({
    decision: z.literal('deny'),
    face,
    blockFace: z._default(z.boolean(), false),
  }),
])

const askerOf = ({ household, email }: Member) => ({ kind: 'member', household, email }) as const

export function requestRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.use(ownersOnly(deps))

  routes.get('/:id', async (context) => {
    const asker = askerOf(context.get('member'))
    const id = context.req.param('id')
    const shown = await deps.approvals.show(id, asker, languageOf(context))
    if (!shown) return notFound(context)
    const { doorName, state, looksLike, jpeg, request } = shown
    const { doorId, visitId, visitNumber, why, askedAtMs, expiresAtMs, decision } = request
    return context.json({
      id,
      doorId,
      visitId,
      doorName,
      state,
      looksLike,
      why,
      visitNumber,
      askedAtMs,
      expiresAtMs,
      decision,
      givenName: request.scan?.name ?? null,
      face: request.face?.sha256 ?? null,
      jpeg: jpeg && Buffer.from(jpeg).toString('base64'),
    })
  })

  routes.post('/:id/decide', async (context) => {
    const body = await bodyOf(context, decideSchema)
    if (!body.ok) return invalid(context, body)
    const outcome = await deps.approvals.answer({
      request: context.req.param('id'),
      asker: askerOf(context.get('member')),
      visitNumber: null,
      faceSha256: body.data.face,
      language: languageOf(context),
      answer: answerOf(body.data),
    })
    if (outcome.outcome === 'unfit') return invalidFields(context, outcome.problems)
    if (outcome.outcome !== 'refused') return context.json(outcome)
    if (outcome.reason === 'unknown') return notFound(context)
    const sentence = 'This request can no longer be decided.'
    return context.json({ problem: outcome.reason, sentence }, 409)
  })
  return routes
}

function answerOf(body: z.infer<typeof decideSchema>) {
  if (body.decision === 'deny') return { kind: 'deny', blockFace: body.blockFace } as const
  const { decision: _, face: __, remembersFace, ...fields } = body
  return {
    kind: 'allow',
    visitor: { ...fields, remembersFace: remembersFace ? 'yes' : '' },
  } as const
}

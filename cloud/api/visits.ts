/** The history of visits, the members of the household, and forms for photo uploads. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { doorIdSchema } from '../../protocol/messages/shared.ts'
import type { Visit } from '../visits/core/visit.ts'
import {
  credentials,
  credentialsIn,
  outcomeOf,
  outcomes,
  peopleIn,
} from '../visits/core/who-came.ts'
import { type ApiEnv, hexId, invalid, queryOf, type WebDeps } from './shared.ts'

const epochMs = z.optional(z.coerce.number().check(z.int(), z.nonnegative()))
/** Where the previous page ended: start, door and id of its last visit. */
const cursor = /^(\d{1,15})\.([\w-]{1,64})\.[0-9a-f]{32}$/

const historySchema = z.strictObject({
  fromMs: epochMs,
  toMs: epochMs,
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 50),
  after: z.optional(z.string().check(z.regex(cursor))),
  doorId: z.optional(doorIdSchema),
  visitorId: z.optional(hexId),
  outcome: z.optional(z.enum(outcomes)),
  credential: z.optional(z.enum(credentials)),
})
type History = z.infer<typeof historySchema>

export function visitRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()

  routes.get('/visits', async (context) => {
    const query = queryOf(context, historySchema)
    if (!query.ok) return invalid(context, query)
    const { household } = context.get('member')
    const field = inconsistentField(query.data, household)
    if (field) return invalid(context, { field })
    const { visitorId, ...asked } = query.data
    const people = visitorId === undefined ? undefined : [visitorId]
    const { visits, next } = await deps.visits.history({ household, ...asked, people })
    return context.json({ visits: visits.map(shown), next })
  })

  routes.get('/members', async (context) => {
    const { role, email, memberId, household } = context.get('member')
    const home = await deps.households.find(household)
    return context.json({ me: { memberId, email, role }, owners: home?.owners ?? [] })
  })

  routes.post('/photos', async (context) => {
    const { household } = context.get('member')
    if (!(await deps.idempotency.allows(`photos#${household}`, mostForms, deps.clock.nowMs()))) {
      const sentence = 'No more photos today: your household has uploaded too many.'
      return context.json({ problem: 'too-many-requests', sentence }, 429)
    }
    const uploadId = deps.newId()
    const key = `raw/${household}/${uploadId}.jpg`
    return context.json({ uploadId, ...(await deps.photos.uploadForm(key)) }, 201)
  })
  return routes
}

/** Each form takes a photo of ten megabytes. */
const mostForms = [{ count: 50, withinMs: 24 * 3_600_000 }]

/** A field that is valid by itself but not together with the others, which DynamoDB would reject. */
function inconsistentField({ fromMs = 0, toMs, after }: History, household: string): string | null {
  const endMs = toMs ?? Number.POSITIVE_INFINITY
  if (fromMs > endMs) return 'toMs'
  if (after === undefined) return null
  const [, atMs, doorId = ''] = cursor.exec(after) ?? []
  const isWithin = Number(atMs) >= fromMs && Number(atMs) <= endMs
  return isWithin && doorId.startsWith(`${household}_`) ? null : 'after'
}

const shown = (visit: Visit) => {
  const { doorId, visitId, number, startedAtMs, endedAtMs, timeline, strangers } = visit
  return {
    doorId,
    visitId,
    number,
    startedAtMs,
    endedAtMs,
    timeline,
    visitorIds: peopleIn(visit),
    outcome: outcomeOf(visit),
    credentials: credentialsIn(visit),
    strangers: strangers.map(({ number, resembles }) => ({ number, resembles })),
  }
}

/** The visitors on file: list, view, add, change, merge, delete. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { findPeople, peopleSorts, peopleStates } from '../visitors/core/people-search.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { EditOutcome } from '../visitors/core/visitor-form.ts'
import { usePhoto } from '../visitors/use-photo.ts'
import {
  type ApiContext,
  type ApiEnv,
  bodyOf,
  hexId,
  invalid,
  invalidFields,
  notFound,
  ownersOnly,
  queryOf,
  type WebDeps,
} from './shared.ts'

const text = (maxLength: number) => z.optional(z.string().check(z.maxLength(maxLength)))

const editSchema = z.strictObject({
  name: text(200),
  phone: text(100),
  email: text(300),
  prefers: z.optional(z.enum(['sms', 'email'])),
  language: text(10),
  remembersFace: z.optional(z.boolean()),
  validity: text(10),
  trusted: z.optional(z.boolean()),
  tags: z.optional(
    z.array(z.string().check(z.regex(/^[\p{L}\p{N} _-]{1,30}$/u))).check(z.maxLength(20)),
  ),
  notes: text(2_000),
  lists: z.optional(z.array(hexId).check(z.maxLength(50))),
  blocked: z.optional(z.boolean()),
  revision: z.optional(z.int()),
})

const page = z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(10_000)))

const querySchema = z.strictObject({
  search: text(200),
  tag: text(30),
  list: z.optional(hexId),
  state: z.optional(z.enum(peopleStates)),
  sort: z.optional(z.enum(peopleSorts)),
  trustedFirst: z.optional(z.literal('true')),
  page,
})

const photoSchema = z.strictObject({ uploadId: hexId })
const mergeSchema = z.strictObject({ other: hexId })

export function visitorRoutes(deps: WebDeps): Hono<ApiEnv> {
  const { visitors, photos } = deps
  const routes = new Hono<ApiEnv>()
  const owners = ownersOnly(deps)
  routes.use('/:id/*', async (context, next) =>
    hexId.safeParse(context.req.param('id')).success ? next() : notFound(context),
  )

  routes.get('/', async (context) => {
    const query = queryOf(context, querySchema)
    if (!query.ok) return invalid(context, query)
    const { household } = context.get('member')
    const { trustedFirst } = query.data
    const [all, seen] = await Promise.all([
      visitors.list(household),
      deps.visits.lastSeen(household),
    ])
    const asked = { ...query.data, trustedFirst: trustedFirst === 'true' }
    const { people, total, next } = findPeople(all, asked, { seen, nowMs: deps.clock.nowMs() })
    const visitorsSeen = people.map((one) => ({
      ...shown(one),
      lastSeenAtMs: seen.get(one.visitorId) ?? null,
    }))
    return context.json({ visitors: visitorsSeen, total, next })
  })

  routes.post('/', owners, async (context) => {
    const edit = await bodyOf(context, editSchema)
    if (!edit.ok) return invalid(context, edit)
    const outcome = await deps.owners.addVisitor(context.get('member'), deps.newId(), edit.data)
    return edited(context, outcome, 201)
  })

  routes.post('/:id/merge', owners, async (context) => {
    const body = await bodyOf(context, mergeSchema)
    if (!body.ok) return invalid(context, body)
    const { household } = context.get('member')
    const merged = await deps.owners.mergeVisitors(
      household,
      context.req.param('id'),
      body.data.other,
    )
    if (merged === null) return notFound(context)
    if (merged.outcome === 'conflict') return conflict(context)
    return context.json({ visitor: shown(merged.visitor) })
  })

  routes.get('/:id', async (context) => {
    const visitor = await visitors.find(context.get('member').household, context.req.param('id'))
    return visitor ? context.json({ visitor: shown(visitor) }) : notFound(context)
  })

  routes.get('/:id/photo', async (context) => {
    const visitor = await visitors.find(context.get('member').household, context.req.param('id'))
    const photo = visitor?.photo && (await photos.read(visitor.photo.key))
    if (!photo) return notFound(context)
    context.header('content-type', 'image/jpeg')
    return context.body(new Uint8Array(photo.bytes))
  })

  // After an upload with a form of POST /v1/photos.
  routes.put('/:id/photo', owners, async (context) => {
    const body = await bodyOf(context, photoSchema)
    if (!body.ok) return invalid(context, body)
    const { household } = context.get('member')
    const used = await usePhoto(deps, household, context.req.param('id'), body.data.uploadId)
    if (used === 'used') return context.body(null, 204)
    if (used === null) return notFound(context)
    const sentence = 'There is no photo of this upload: it is not processed yet, or was refused.'
    return context.json({ problem: 'no-upload', sentence }, 409)
  })

  routes.patch('/:id', owners, async (context) => {
    const edit = await bodyOf(context, editSchema)
    if (!edit.ok) return invalid(context, edit)
    const member = context.get('member')
    const outcome = await deps.owners.editVisitor(member, context.req.param('id'), edit.data)
    return edited(context, outcome, 200)
  })

  routes.delete('/:id', owners, async (context) => {
    const { household } = context.get('member')
    const visitor = await visitors.find(household, context.req.param('id'))
    if (!visitor) return notFound(context)
    // Deleting the record triggers the deletion of photos, faces and codes.
    await visitors.remove(household, visitor.visitorId, deps.clock.nowMs())
    return context.body(null, 204)
  })
  return routes
}

function edited(context: ApiContext, outcome: EditOutcome | null, status: 200 | 201) {
  if (outcome === null) return notFound(context)
  if (outcome.outcome === 'changed')
    return context.json({ visitor: shown(outcome.visitor) }, status)
  if (outcome.outcome === 'unfit') return invalidFields(context, outcome.problems)
  return conflict(context)
}

function conflict(context: ApiContext) {
  const sentence = 'This visitor was changed at the same time. Please try again.'
  return context.json({ problem: 'conflict', sentence }, 409)
}

/** Without internals such as storage keys. */
function shown({ photo, faceIds, ...visitor }: Visitor) {
  const { visitorId, name, language, contact, trusted, tags } = visitor
  const { remembersFace, createdAtMs, welcomeUntilMs, revision } = visitor
  const { notes = '', lists = [], blocked = false } = visitor
  return {
    visitorId,
    name,
    language,
    contact,
    trusted,
    tags,
    notes,
    lists,
    blocked,
    revision,
    remembersFace,
    createdAtMs,
    welcomeUntilMs,
    hasPhoto: photo !== null,
    isLearnt: faceIds.length > 0,
  }
}

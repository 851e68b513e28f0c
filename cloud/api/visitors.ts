/** The visitors on file: list, view, change, delete. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Visitor } from '../visitors/core/visitor.ts'
import {
  type ApiEnv,
  bodyOf,
  hexId,
  invalid,
  invalidFields,
  notFound,
  ownersOnly,
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
})

export function visitorRoutes(deps: WebDeps): Hono<ApiEnv> {
  const { visitors, photos } = deps
  const routes = new Hono<ApiEnv>()
  const owners = ownersOnly(deps)
  routes.use('/:id/*', async (context, next) =>
    hexId.safeParse(context.req.param('id')).success ? next() : notFound(context),
  )

  routes.get('/', async (context) => {
    const all = await visitors.list(context.get('member').household)
    return context.json({ visitors: all.map(shown) })
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

  routes.patch('/:id', owners, async (context) => {
    const edit = await bodyOf(context, editSchema)
    if (!edit.ok) return invalid(context, edit)
    const member = context.get('member')
    const outcome = await deps.owners.editVisitor(member, context.req.param('id'), edit.data)
    if (outcome === null) return notFound(context)
    if (outcome.outcome === 'changed') return context.json({ visitor: shown(outcome.visitor) })
    if (outcome.outcome === 'unfit') return invalidFields(context, outcome.problems)
    const sentence = 'This visitor was changed at the same time. Please try again.'
    return context.json({ problem: 'conflict', sentence }, 409)
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

/** Without internals such as storage keys. */
function shown({ photo, faceIds, ...visitor }: Visitor) {
  const { visitorId, name, language, contact, trusted, tags } = visitor
  const { remembersFace, createdAtMs, welcomeUntilMs } = visitor
  return {
    visitorId,
    name,
    language,
    contact,
    trusted,
    tags,
    remembersFace,
    createdAtMs,
    welcomeUntilMs,
    hasPhoto: photo !== null,
    isLearnt: faceIds.length > 0,
  }
}

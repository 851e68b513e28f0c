/** The standing credentials of a door: PINs, and codes of guests and couriers. For owners only. */
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { languageSchema } from '../../protocol/messages/shared.ts'
import { mostVisits } from '../credentials/core/terms-check.ts'
import type { ShownCredential } from '../credentials/owner-credentials.ts'
import { seesDuress } from '../notices/notify.ts'
import { nameIn, nameProblem } from '../visitors/core/visitor-form.ts'
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

/** Until the year 2200: calendars do not go on for ever. */
const epochMs = z.int().check(z.minimum(1), z.maximum(7_258_118_400_000))
const minute = z.int().check(z.minimum(0), z.maximum(24 * 60))
const weekdays = z
  .array(z.int().check(z.minimum(1), z.maximum(7)))
  .check(z.minLength(1), z.maxLength(7))
const termsFields = {
  validity: z.strictObject({
    notBeforeMs: epochMs,
    expiresAtMs: z.nullable(epochMs),
    weeklyHours: z
      .array(z.strictObject({ weekdays, fromMinute: minute, toMinute: minute }))
      .check(z.maxLength(21)),
    exceptDates: z._default(
      z.array(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))).check(z.maxLength(100)),
      [],
    ),
    visits: z.nullable(z.int().check(z.minimum(1), z.maximum(mostVisits))),
    endsAfterFirstUseMs: z._default(z.nullable(epochMs), null),
  }),
  second: z._default(z.nullable(z.literal('face')), null),
}
const termsSchema = z.strictObject(termsFields)

const isName = (name: string): boolean => nameProblem(name) === null

/** A person on file, or one who is only named. */
const holderFields = {
  visitorId: z.optional(hexId),
  name: z.optional(z.pipe(z.string(), z.transform(nameIn)).check(z.refine(isName))),
  language: z.optional(languageSchema),
}
const setSchema = z.discriminatedUnion('purpose', [
  z.strictObject({
    ...{ ...termsFields, visitorId: hexId, requestId: z.optional(hexId) },
    purpose: z.enum(['pin', 'duress']),
    pin: z.string().check(z.maxLength(20)),
  }),
  z.strictObject({
    ...{ ...termsFields, ...holderFields, requestId: z.optional(hexId) },
    purpose: z.enum(['guest', 'courier']),
  }),
])

export function credentialRoutes(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  const { credentials } = deps.owners
  routes.use('*', ownersOnly(deps))

  routes.get('/', (context) =>
    withDoor(deps, context, async (door) => {
      const all = await shownTo(deps, context, door)
      return context.json({ credentials: all.map(asJson) })
    }),
  )
  routes.post('/', (context) => withDoor(deps, context, (door) => set(deps, context, door)))
  routes.get('/:grant', (context) =>
    withOne(deps, context, async ({ credential, ...shown }) => {
      context.header('cache-control', 'no-store')
      const code = await credentials.codeOf(credential)
      return context.json({ ...asJson({ credential, ...shown }), code })
    }),
  )
  routes.put('/:grant/terms', (context) =>
    withOne(deps, context, async ({ credential }) => {
      const body = await bodyOf(context, termsSchema)
      if (!body.ok) return invalid(context, body)
      const changed = await credentials.changeTerms(credential, termsIn(body.data))
      if (!changed) return notFound(context)
      if (changed.outcome === 'stored') return context.json({ outcome: 'changed' })
      const problem = changed.outcome === 'unfit-terms' ? changed.flaw : changed.outcome
      return context.json({ problem, sentence: sentences[changed.outcome] }, 409)
    }),
  )
  routes.post('/:grant/send', (context) =>
    withOne(deps, context, async ({ credential }) => {
      const isSent = await credentials.sendAgain(credential)
      if (isSent) return context.json({ outcome: 'sent' }, 202)
      return context.json({ problem: 'not-supported', sentence: sentences.tooOld }, 409)
    }),
  )
  routes.delete('/:grant', (context) =>
    withOne(deps, context, async ({ credential }) => {
      await credentials.withdraw(credential)
      return context.body(null, 204)
    }),
  )
  return routes
}

const sentences = {
  'unfit-terms': 'These times are not possible.',
  changed: 'It was changed at the same time. Read it again.',
  'code-in-use': 'Its code is in use by another credential now. Make a new one.',
  over: 'It was withdrawn.',
  tooOld: 'The software of this door is too old for it.',
}

interface DoorRef {
  readonly household: string
  readonly doorId: string
}

async function withDoor(
  deps: WebDeps,
  context: ApiContext,
  answer: (door: DoorRef) => Promise<Response>,
): Promise<Response> {
  const member = context.get('member')
  const door = await doorOf(deps, member, context.req.param('door') ?? '')
  return door ? answer({ household: member.household, doorId: door.doorId }) : notFound(context)
}

/** A duress PIN does not exist for those who are not alarmed by it. */
async function shownTo(deps: WebDeps, context: ApiContext, door: DoorRef) {
  const home = await deps.households.find(door.household)
  const sees = home !== null && (await seesDuress(deps, home, context.get('member')))
  const { credentials } = await deps.owners.credentials.ofDoor(door)
  return credentials.filter(({ credential }) => sees || credential.purpose !== 'duress')
}

const withOne = (
  deps: WebDeps,
  context: ApiContext,
  answer: (shown: ShownCredential) => Promise<Response>,
): Promise<Response> =>
  withDoor(deps, context, async (door) => {
    const all = await shownTo(deps, context, door)
    const found = all.find(({ credential }) => credential.grantId === context.req.param('grant'))
    return found ? answer(found) : notFound(context)
  })

function asJson({ credential, delivery, endsAtMs }: ShownCredential) {
  const { grantId, purpose, visitorId, name, digits, validity, second } = credential
  const { createdAtMs, createdBy, storedAtMs, withdrawn, uses } = credential
  return {
    ...{ grantId, purpose, visitorId, name, digits, validity, second, endsAtMs, delivery },
    ...{ createdAtMs, createdBy, storedAtMs, withdrawn, uses },
  }
}

function termsIn({ validity, second }: z.infer<typeof termsSchema>) {
  const { exceptDates, endsAfterFirstUseMs, ...rest } = validity
  return {
    second,
    validity: {
      ...rest,
      ...(exceptDates.length > 0 && { exceptDates }),
      ...(endsAfterFirstUseMs !== null && { endsAfterFirstUseMs }),
    },
  }
}

async function set(deps: WebDeps, context: ApiContext, door: DoorRef): Promise<Response> {
  const body = await bodyOf(context, setSchema)
  if (!body.ok) return invalid(context, body)
  const { data } = body
  const holder = await holderOf(deps, door, data)
  if (!holder) return notFound(context)
  if (holder === 'blocked') {
    return context.json({ problem: 'blocked', sentence: 'This visitor is blocked.' }, 409)
  }
  const formId = data.requestId ?? deps.newId()
  const asked = { door, formId, holder, by: context.get('member').memberId, ...termsIn(data) }
  const done = await deps.owners.credentials.set(
    'pin' in data
      ? { ...asked, purpose: data.purpose, pin: data.pin }
      : { ...asked, purpose: data.purpose },
  )
  switch (done.outcome) {
    case 'set': {
      const code = await deps.owners.credentials.codeOf(done.credential)
      return context.json({ grantId: done.credential.grantId, code }, 201)
    }
    case 'unfit':
      return context.json({ problem: 'unfit', sentence: 'Choose another PIN.', ...done.flaw }, 422)
    case 'unfit-terms':
      return context.json({ problem: done.flaw, sentence: sentences['unfit-terms'] }, 422)
    case 'in-use':
      return context.json({ problem: 'in-use', sentence: 'Choose another PIN.' }, 409)
    case 'sent-before':
      return context.json({ problem: 'sent-before', sentence: 'This was set already.' }, 409)
    case 'too-many-tries':
      return context.json({ problem: 'too-many-tries', sentence: 'Try again in an hour.' }, 429)
    case 'full':
      return context.json({ problem: 'full', sentence: 'This door has too many codes.' }, 409)
    case 'unknown-door':
      return notFound(context)
    default:
      return done satisfies never
  }
}

async function holderOf(
  { visitors, newId }: WebDeps,
  { household }: DoorRef,
  asked: z.infer<typeof setSchema>,
) {
  const { visitorId } = asked
  if (visitorId !== undefined) {
    const visitor = await visitors.find(household, visitorId)
    if (visitor?.blocked) return 'blocked'
    if (!visitor) return null
    return { visitorId: visitor.visitorId, name: visitor.name, language: visitor.language }
  }
  const { name, language = 'en' } = 'name' in asked ? asked : {}
  return name === undefined ? null : { visitorId: newId(), name, language }
}

/** What all paths of the API have in common: who asks, what they sent, and how to say no. */
import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as z from 'zod/mini'
import type { Door, Household, Member } from '../visitors/core/people.ts'
import type { WebDeps } from './deps.ts'

export interface ApiEnv {
  Variables: { member: Member }
}
export type ApiContext = Context<ApiEnv>

export const hexId = z.string().check(z.regex(/^[0-9a-f]{32}$/))

export const problem = (
  context: Context,
  status: ContentfulStatusCode,
  name: string,
  sentence: string,
  more: object = {},
) => context.json({ problem: name, sentence, ...more }, status)

/** The same for what does not exist and for what is somebody else's. */
export const notFound = (context: Context) =>
  problem(context, 404, 'not-found', 'There is nothing here.')

export function signedIn({ signIns, households }: WebDeps): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(
      context.req.header('authorization') ?? '',
    )
    const who = token?.[1] ? await signIns.verify(token[1]) : null
    const member = who && (await households.member(who.household, who.memberId))
    if (!member) {
      context.header('www-authenticate', 'Bearer')
      return problem(context, 401, 'not-signed-in', 'Please sign in.')
    }
    context.set('member', member)
    return next()
  }
}

/** Members may look, and open the door. Who else may come in, owners decide. */
export function ownersOnly({ households }: WebDeps): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { household, role, email } = context.get('member')
    if (role === 'owner' || isOwner(await households.find(household), email)) return next()
    return problem(context, 403, 'owners-only', 'Only an owner may do that.')
  }
}

/** Whoever gets the household's mails decides by mail anyway. */
const isOwner = (home: Household | null, email: string): boolean =>
  home?.owners.some((owner) => owner.email.toLowerCase() === email.toLowerCase()) ?? false

export type Read<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly field: string }

export async function bodyOf<T extends z.ZodMiniType>(
  context: ApiContext,
  schema: T,
): Promise<Read<z.infer<T>>> {
  const body: unknown = await context.req.json().catch(() => undefined)
  return read(schema, body)
}

export const queryOf = <T extends z.ZodMiniType>(
  context: ApiContext,
  schema: T,
): Read<z.infer<T>> => read(schema, context.req.query())

function read<T extends z.ZodMiniType>(schema: T, value: unknown): Read<z.infer<T>> {
  const result = z.safeParse(schema, value)
  if (result.success) return { ok: true, data: result.data }
  return { ok: false, field: result.error.issues[0]?.path.map(String).join('.') ?? '' }
}

/** Which field it was, never what was in it. */
export const unfit = (context: Context, { field }: { readonly field: string }) =>
  problem(context, 400, 'unfit', 'This request is not as it should be.', { field })

/** Null when the household has no such door. */
export async function doorOf(
  { households }: WebDeps,
  { household }: Member,
  doorId: string,
): Promise<Door | null> {
  const doors = (await households.find(household))?.doors ?? []
  return doors.find((door) => door.doorId === doorId) ?? null
}

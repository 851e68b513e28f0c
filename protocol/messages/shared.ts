/** What messages in both directions are made of: limits, field types and strict parsing. */
import * as z from 'zod/mini'

export const protocolVersion = 1

/** AWS IoT Core's limit for one message. */
export const longestMessageBytes = 128 * 1024

export const hexId = z.string().check(z.regex(/^[0-9a-f]{32}$/))
export const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))
export const doorIdSchema = z.string().check(z.regex(/^[\w-]{1,64}$/))
export const count = z.int().check(z.nonnegative())
export const epochMs = z.int().check(z.positive())
export const durationMs = z.int().check(z.nonnegative())
/** Shown on screens and terminals, so control characters are refused. */
export const shortText = z
  .string()
  .check(z.minLength(1), z.maxLength(120), z.regex(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]+$/u))

export const languages = ['en', 'de', 'es', 'fr'] as const
export const languageSchema = z.enum(languages)
export type Language = z.infer<typeof languageSchema>

export const digits = z.literal([6, 7, 8])

export const messageRefusals = [
  'too-big',
  'not-json',
  'unknown-version',
  'unknown-type',
  'unknown-field',
  'malformed',
  'wrong-door',
] as const
export type MessageRefusal = (typeof messageRefusals)[number]

// ---------------------------------------------------------------- schemas and types

type Bodies = Record<string, z.core.$ZodShape>
export type BodyOf<B extends Bodies> = {
  [T in keyof B & string]: { readonly type: T } & (keyof B[T] extends never
    ? unknown
    : z.infer<z.ZodMiniObject<B[T]>>)
}[keyof B & string]

export const schemasFor = (envelope: z.core.$ZodShape, bodies: Bodies) =>
  new Map(
    Object.entries(bodies).map(([type, body]) => [
      type,
      z.strictObject({ ...envelope, type: z.literal(type), ...body }),
    ]),
  )

// ---------------------------------------------------------------- parsing

export type Parsed<M> =
  | { readonly ok: true; readonly message: M }
  | { readonly ok: false; readonly reason: MessageRefusal; readonly detail: string }

export function parse<M>(text: string, schemas: ReturnType<typeof schemasFor>): Parsed<M> {
  if (new TextEncoder().encode(text).length > longestMessageBytes) {
    return refuse('too-big', `more than ${longestMessageBytes} bytes`)
  }
  const raw = parseJson(text)
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return refuse('not-json', 'not a JSON object')
  }
  if (!('v' in raw) || raw.v !== protocolVersion) {
    return refuse('unknown-version', `only version ${protocolVersion} is understood here`)
  }
  const schema = 'type' in raw && typeof raw.type === 'string' ? schemas.get(raw.type) : undefined
  if (!schema) return refuse('unknown-type', 'no message of this type exists')
  const result = z.safeParse(schema, raw)
  // The schema was chosen by the message's own type, which the compiler cannot follow.
  if (result.success) return { ok: true, message: result.data as M }
  return refuseIssue(result.error.issues[0])
}

function refuseIssue(issue: z.core.$ZodIssue | undefined): Parsed<never> {
  const field = (path: readonly PropertyKey[]) => path.map(String).join('.').slice(0, 100)
  if (issue?.code === 'unrecognized_keys') {
    return refuse('unknown-field', field([...issue.path, tellable(issue.keys[0] ?? '')]))
  }
  return refuse('malformed', field(issue?.path ?? []))
}

/** Whoever sends it chooses the name of a field that does not exist: it may hold anything. */
const tellable = (key: string): string => (/^[A-Za-z]{1,40}$/.test(key) ? key : '(odd name)')

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refuse = (reason: MessageRefusal, detail: string): Parsed<never> => ({
  ok: false,
  reason,
  detail,
})

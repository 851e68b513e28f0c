/** What messages in both directions are made of: limits, field types and strict parsing. */
import * as z from 'zod/mini'
import { parseStrictJson } from '../strict-json.ts'

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

export const digits = z.literal([6, 7, 8, 9, 10, 12])

/** An IANA name, such as `Europe/Berlin`. */
export const timeZoneSchema = z
  .string()
  .check(z.maxLength(64), z.regex(/^[A-Za-z]/), z.refine(isTimeZone))

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const messageRefusals = [
  'too-big',
  'not-utf8',
  'not-json',
  'duplicate-field',
  'unknown-version',
  'unknown-type',
  'unknown-field',
  'malformed',
  'wrong-door',
  'wrong-topic',
] as const
export type MessageRefusal = (typeof messageRefusals)[number]

// ---------------------------------------------------------------- types of messages

type Bodies = Record<string, z.core.$ZodShape>
export type BodyOf<B extends Bodies> = {
  [T in keyof B & string]: { readonly type: T } & (keyof B[T] extends never
    ? unknown
    : z.infer<z.ZodMiniObject<B[T]>>)
}[keyof B & string]

/** `makeObject` decides what happens to unknown fields. */
export const schemasFor = (
  makeObject: (shape: z.core.$ZodShape) => z.ZodMiniType,
  envelope: z.core.$ZodShape,
  bodies: Bodies,
) =>
  new Map(
    Object.entries(bodies).map(([type, body]) => [
      type,
      makeObject({ ...envelope, type: z.literal(type), ...body }),
    ]),
  )

// ---------------------------------------------------------------- parsing

type Refused = {
  readonly ok: false
  readonly reason: MessageRefusal
  readonly detail: string
}
export type Parsed<M> = { readonly ok: true; readonly message: M } | Refused

/** A message of this protocol version, before its type is known. */
export function parseObject(input: string | Uint8Array): Parsed<{ readonly type: unknown }> {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input
  if (bytes.length > longestMessageBytes) {
    return refuse('too-big', `more than ${longestMessageBytes} bytes`)
  }
  const json = parseStrictJson(input)
  if (!json.ok) return refuse(json.reason, jsonProblems[json.reason])
  const { value } = json
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('not-json', jsonProblems['not-json'])
  }
  if (!('v' in value) || value.v !== protocolVersion) {
    return refuse('unknown-version', `only version ${protocolVersion} is understood here`)
  }
  return { ok: true, message: { type: undefined, ...value } }
}

const jsonProblems = {
  'not-utf8': 'not UTF-8',
  'not-json': 'not a JSON object',
  'duplicate-field': 'a field is there twice',
}

export function parse<M>(
  input: string | Uint8Array,
  schemas: ReturnType<typeof schemasFor>,
): Parsed<M> {
  const parsed = parseObject(input)
  if (!parsed.ok) return parsed
  const { type } = parsed.message
  const schema = typeof type === 'string' ? schemas.get(type) : undefined
  if (!schema) return refuse('unknown-type', 'no message of this type exists')
  const result = z.safeParse(schema, parsed.message)
  // The schema was chosen by the message's own type, which the compiler cannot follow.
  if (result.success) return { ok: true, message: result.data as M }
  return refuseIssue(result.error.issues[0])
}

function refuseIssue(issue: z.core.$ZodIssue | undefined): Refused {
  const field = (path: readonly PropertyKey[]) => path.map(String).join('.').slice(0, 100)
  if (issue?.code === 'unrecognized_keys') {
    return refuse('unknown-field', field([...issue.path, printable(issue.keys[0] ?? '')]))
  }
  return refuse('malformed', field(issue?.path ?? []))
}

/** The sender chooses the name of an unknown field, so it may hold anything. */
const printable = (key: string): string => (/^[A-Za-z]{1,40}$/.test(key) ? key : '(odd name)')

const refuse = (reason: MessageRefusal, detail: string): Refused => ({
  ok: false,
  reason,
  detail,
})

/**
 * Everything that door and cloud say to each other, version 1.
 *
 * Objects are strict: a field that this version does not know is refused rather than ignored,
 * because a lock must not act on a message that it only half understands. A new field or a new
 * meaning is a new version; a new type is only an addition.
 */
import * as z from 'zod/mini'

export const protocolVersion = 1

/** AWS IoT Core's limit for one message. */
export const longestMessageBytes = 128 * 1024

/** A code is never valid for longer than this, whatever a message asks for. */
export const longestGrantMs = 5 * 60_000

/** A command that moves the lock or lifts a pause is worth nothing after this. */
export const longestCommandLifeMs = 10_000

/** Who wants to look for longer asks again. */
export const longestWatchMs = 5 * 60_000

// ---------------------------------------------------------------- the words of the language

const hexId = z.string().check(z.regex(/^[0-9a-f]{32}$/))
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))
export const doorIdSchema = z.string().check(z.regex(/^[\w-]{1,64}$/))
const count = z.int().check(z.nonnegative())
const epochMs = z.int().check(z.positive())
const durationMs = z.int().check(z.nonnegative())
/** Shown to people, on screens and terminals, so nothing in it may steer either. */
const shortText = z
  .string()
  .check(z.minLength(1), z.maxLength(120), z.regex(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]+$/u))
const visitNumber = z.int().check(z.minimum(1), z.maximum(999))

export const languages = ['en', 'de', 'es', 'fr'] as const
export const languageSchema = z.enum(languages)
export type Language = z.infer<typeof languageSchema>

const digits = z.literal([6, 7, 8])

const grantFields = {
  grantId: hexId,
  visitId: z.nullable(hexId),
  visitorId: hexId,
  visitorName: shortText,
  language: languageSchema,
  digits,
  notBeforeMs: epochMs,
  expiresAtMs: epochMs,
}

/** What the owner may change from afar. Anything electrical stays in the door's own config file. */
export const settingsSchema = z.strictObject({
  unlockHoldMs: z.int().check(z.minimum(500), z.maximum(30_000)),
  heldOpenAfterMs: z.int().check(z.minimum(5_000), z.maximum(3_600_000)),
  language: languageSchema,
  passcodeDigits: digits,
})
export type Settings = z.infer<typeof settingsSchema>

const settingsFields = { revision: count, settings: settingsSchema }

export const visitCauses = ['motion', 'bell', 'keypad'] as const
export const visitStatuses = ['waiting-for-owner', 'code-sent', 'denied', 'no-answer'] as const
export type VisitStatus = (typeof visitStatuses)[number]

export const grantRefusals = [
  'clock-unknown',
  'expired',
  'validity-too-long',
  'code-in-use',
  'visitor-removed',
  'already-closed',
  'differs-from-stored',
] as const
export type GrantRefusal = (typeof grantRefusals)[number]

export const entryRefusals = [
  'wrong',
  'expired',
  'used',
  'revoked',
  'not-yet-valid',
  'clock-unknown',
] as const
export type EntryRefusal = (typeof entryRefusals)[number]

export const commandRefusals = ['clock-unknown', 'expired', 'too-long-lived', 'repeated'] as const
export type CommandRefusal = (typeof commandRefusals)[number]

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

// ---------------------------------------------------------------- from the door

/**
 * The door's log is the list of its messages, and each names the hash of the one before (`prev`),
 * so whoever keeps any message can tell whether an earlier one was changed afterwards.
 * `timeKnown: false` means that `atMs` is only the earliest moment it can have been.
 */
const doorEnvelope = {
  v: z.literal(protocolVersion),
  id: hexId,
  doorId: doorIdSchema,
  seq: z.int().check(z.positive()),
  atMs: epochMs,
  timeKnown: z.boolean(),
  prev: sha256,
}

const visitId = z.nullable(hexId)

export const doorBodies = {
  'door-started': { software: shortText, pausedForMs: durationMs },
  'door-stopped': { signal: shortText },
  'clock-confirmed': { source: z.enum(['ntp', 'cloud', 'host']), movedMs: z.int() },
  'visit-started': { visitId: hexId, visitNumber, cause: z.enum(visitCauses) },
  'visit-ended': { visitId: hexId, lastedMs: durationMs },
  'snapshot-uploaded': {
    visitId: hexId,
    key: z.string().check(z.minLength(1), z.maxLength(512)),
    sha256,
    takenAtMs: epochMs,
    widthPx: z.int().check(z.positive()),
    heightPx: z.int().check(z.positive()),
  },
  'grant-stored': { grantId: hexId, visitId, visitorId: hexId },
  'grant-refused': { grantId: hexId, reason: z.enum(grantRefusals) },
  'grant-revoked': {
    grantId: hexId,
    was: z.enum(['live', 'used', 'revoked', 'expired', 'unknown']),
    reason: shortText,
  },
  'entry-accepted': { grantId: hexId, visitorId: hexId, visitId, holdMs: durationMs },
  'entry-refused': {
    reason: z.enum(entryRefusals),
    grantId: z.nullable(hexId),
    visitId,
    wrongInRow: count,
    wrongInDay: count,
  },
  'keypad-paused': {
    reason: z.enum(['wrong-codes', 'daily-limit']),
    forMs: durationMs,
    wrongInDay: count,
    visitId,
  },
  'keypad-resumed': { commandId: hexId, by: shortText },
  'unlocked-remotely': { commandId: hexId, by: shortText, visitId, holdMs: durationMs },
  'command-refused': {
    commandId: hexId,
    command: z.enum(['unlock', 'lift-pause']),
    reason: z.enum(commandRefusals),
  },
  'live-watched': { commandId: hexId, by: shortText, forMs: durationMs },
  'watch-refused': { commandId: hexId, reason: z.enum(commandRefusals) },
  'lock-closed': { cause: z.enum(['hold-over', 'stopping']) },
  'lock-failed': { action: z.enum(['open', 'close']), detail: shortText },
  'door-opened': {},
  'door-closed': { openForMs: durationMs },
  'door-forced': {},
  'door-held-open': { openForMs: durationMs },
  'exit-used': { holdMs: durationMs },
  'bell-rung': { visitId: hexId },
  'settings-applied': { revision: count },
  'visitor-updated': { visitorId: hexId },
  'visitor-forgotten': { visitorId: hexId, grantsRevoked: count },
  'message-refused': {
    reason: z.enum(messageRefusals),
    /** Which field, never its content. */
    detail: z.string().check(z.maxLength(200)),
  },
  /** `ask` comes back as `answers` in the cloud's `time` or `state`, which proves that it is fresh. */
  'time-wanted': { ask: hexId },
  'resync-wanted': {
    ask: hexId,
    cause: z.enum(['started', 'reconnected', 'gap']),
    lastCommandSeq: count,
  },
  'door-state': {
    lock: z.enum(['locked', 'unlocked']),
    contact: z.enum(['open', 'closed', 'unknown']),
    pausedForMs: durationMs,
    visitId,
    settingsRevision: count,
  },
} as const

// ---------------------------------------------------------------- from the cloud

const cloudEnvelope = {
  v: z.literal(protocolVersion),
  id: hexId,
  doorId: doorIdSchema,
  /** The cloud's own count of commands to this door: order for what arrives out of order. */
  seq: z.int().check(z.positive()),
  atMs: epochMs,
}

const fresh = { nonce: hexId, expiresAtMs: epochMs, by: shortText }

export const cloudBodies = {
  grant: grantFields,
  'revoke-grant': { grantId: hexId, reason: shortText },
  'visit-status': { visitId: hexId, status: z.enum(visitStatuses) },
  unlock: fresh,
  'lift-pause': fresh,
  /** Film, whether or not somebody is there; no time at all ends it. */
  'watch-live': { ...fresh, forMs: durationMs.check(z.maximum(longestWatchMs)) },
  time: { answers: hexId },
  settings: settingsFields,
  'visitor-changed': { visitorId: hexId, name: shortText, language: languageSchema },
  'visitor-removed': { visitorId: hexId },
  /** Everything the door should hold. A grant that is not listed here is no longer good. */
  state: {
    answers: hexId,
    grants: z.array(z.strictObject(grantFields)).check(z.maxLength(200)),
    removedVisitors: z.array(hexId).check(z.maxLength(1_000)),
    settings: z.nullable(z.strictObject(settingsFields)),
  },
} as const

// ---------------------------------------------------------------- schemas and types

type Bodies = Record<string, z.core.$ZodShape>
type BodyOf<B extends Bodies> = {
  [T in keyof B & string]: { readonly type: T } & (keyof B[T] extends never
    ? unknown
    : z.infer<z.ZodMiniObject<B[T]>>)
}[keyof B & string]

/** What happened, before it is numbered, stamped and chained. */
export type DoorBody = BodyOf<typeof doorBodies>
export type CloudBody = BodyOf<typeof cloudBodies>
export type DoorMessage = DoorBody & z.infer<z.ZodMiniObject<typeof doorEnvelope>>
export type CloudMessage = CloudBody & z.infer<z.ZodMiniObject<typeof cloudEnvelope>>

export type Grant = Omit<Extract<CloudBody, { type: 'grant' }>, 'type'>

const schemasFor = (envelope: z.core.$ZodShape, bodies: Bodies) =>
  new Map(
    Object.entries(bodies).map(([type, body]) => [
      type,
      z.strictObject({ ...envelope, type: z.literal(type), ...body }),
    ]),
  )

const doorSchemas = schemasFor(doorEnvelope, doorBodies)
const cloudSchemas = schemasFor(cloudEnvelope, cloudBodies)

// ---------------------------------------------------------------- reading

export type Parsed<M> =
  | { readonly ok: true; readonly message: M }
  | { readonly ok: false; readonly reason: MessageRefusal; readonly detail: string }

export const parseDoorMessage = (text: string): Parsed<DoorMessage> =>
  parse<DoorMessage>(text, doorSchemas)

export const parseCloudMessage = (text: string): Parsed<CloudMessage> =>
  parse<CloudMessage>(text, cloudSchemas)

function parse<M>(text: string, schemas: ReturnType<typeof schemasFor>): Parsed<M> {
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

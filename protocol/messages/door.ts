/** Every message of a door to the cloud: they are also the door's log. Pictures and video go by themselves. */
import * as z from 'zod/mini'
import { settableModes } from './cloud.ts'
import {
  type BodyOf,
  count,
  doorIdSchema,
  durationMs,
  epochMs,
  hexId,
  messageRefusals,
  type Parsed,
  parse,
  parseObject,
  protocolVersion,
  schemasFor,
  sha256,
  shortText,
} from './shared.ts'

const visitNumber = z.int().check(z.minimum(1), z.maximum(999))

const visitCauses = ['motion', 'bell', 'keypad'] as const

export const grantRefusals = [
  'clock-unknown',
  'expired',
  'validity-too-long',
  'code-in-use',
  'visitor-removed',
  'already-closed',
  'differs-from-stored',
  'door-locked',
  'not-supported',
  'too-easy-to-guess',
  'mode',
] as const
export type GrantRefusal = (typeof grantRefusals)[number]

const entryRefusals = [
  'wrong',
  'expired',
  'used',
  'revoked',
  'not-yet-valid',
  'clock-unknown',
  'outside-hours',
  'visits-used',
  'second-missing',
  'pins-resting',
  'mode',
] as const
export type EntryRefusal = (typeof entryRefusals)[number]

const requestRefusals = [
  'clock-unknown',
  'expired',
  'too-long-lived',
  'repeated',
  'door-locked',
  'lock-resting',
  'not-supported',
] as const
export type RequestRefusal = (typeof requestRefusals)[number]

/** `locked` comes from the config file only. */
export const doorModes = [...settableModes, 'locked'] as const
export type DoorMode = (typeof doorModes)[number]
/** Null: it has no end by itself. */
const untilMs = z.nullable(epochMs)

const sheetEnds = ['restored', 'key-replaced'] as const

/** What rows of the log come from, which may come too often. */
export const sensors = ['contact', 'bond', 'exit-button', 'bell'] as const
export type Sensor = (typeof sensors)[number]

/** Where a request comes from; a terminal is one at the door. `by` names the person, or the integration and its user. */
const origins = ['cloud', 'keypad', 'exit-button', 'integration', 'terminal'] as const
export type Origin = (typeof origins)[number]
const origin = z.enum(origins)
const requestFields = {
  origin,
  by: shortText,
  /** Null unless it came as a command of the cloud. */
  commandId: z.nullable(hexId),
}

/**
 * The door's log is the list of its messages, and each names the hash of the one before (`prev`),
 * so anyone who has a later message can tell whether an earlier one was changed.
 * `timeKnown: false` means that `atMs` is only the earliest time at which it can have happened.
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
const contactStates = ['open', 'closed', 'unknown'] as const

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
  'entry-accepted': {
    origin,
    grantId: hexId,
    visitorId: hexId,
    visitId,
    holdMs: durationMs,
    /** Absent: a one-time code. */
    credential: z.optional(z.enum(['standing', 'break-glass'])),
    /** Of the break-glass sheet, after this one. */
    codesLeft: z.optional(count),
    /** Typed by a person who is threatened. */
    duress: z.optional(z.boolean()),
    /** Nothing but NTP, which others on the network can answer, vouched for the time. */
    ntpOnly: z.optional(z.boolean()),
  },
  'entry-refused': {
    origin,
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
  'keypad-resumed': requestFields,
  'unlock-accepted': { ...requestFields, visitId, holdMs: durationMs },
  'live-watched': { ...requestFields, forMs: durationMs },
  'request-refused': {
    ...requestFields,
    request: z.enum(['unlock', 'lift-pause', 'watch-live', 'new-sheet', 'set-mode']),
    reason: z.enum(requestRefusals),
  },
  /** Codes of the sheet before that were not used have ended. */
  'sheet-stored': { ...requestFields, sheetId: hexId, codesEnded: count },
  /** Its codes do not work any more, and no other sheet has replaced it. */
  'sheet-ended': { reason: z.enum(sheetEnds), codesEnded: count },
  /** Someone set `mode`; `inForce` is what applies now. */
  'mode-set': {
    ...requestFields,
    mode: z.enum(settableModes),
    untilMs,
    inForce: z.enum(doorModes),
  },
  /** By itself: the hours of the week, the end of what was set, the config file, or a clock that is lost. */
  'mode-changed': {
    mode: z.enum(doorModes),
    untilMs,
    cause: z.enum(['hours', 'ended', 'config', 'clock-unknown']),
  },
  'lock-closed': { cause: z.enum(['hold-over', 'stopping']) },
  'lock-failed': { action: z.enum(['open', 'close']), detail: shortText },
  'door-opened': {},
  'door-closed': { openForMs: durationMs },
  'door-forced': {},
  'door-held-open': { openForMs: durationMs },
  /** It changes too often. Its rows are only counted until it is steady. */
  'sensor-unsteady': { sensor: z.enum(sensors) },
  'sensor-steady': {
    sensor: z.enum(sensors),
    leftOut: count,
    forMs: durationMs,
    contact: z.enum(contactStates),
  },
  'exit-used': { origin, holdMs: durationMs },
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
  /** The first message of every connection. The cloud sends only what is declared here. */
  'door-introduced': {
    protocol: z.literal(protocolVersion),
    software: shortText,
    capabilities: z
      .array(z.string().check(z.regex(/^[a-z][a-z:-]{0,39}$/)))
      .check(z.maxLength(100)),
  },
  'door-state': {
    lock: z.enum(['locked', 'unlocked']),
    contact: z.enum(contactStates),
    pausedForMs: durationMs,
    visitId,
    settingsRevision: count,
    mode: z.optional(z.enum(doorModes)),
    modeUntilMs: z.optional(untilMs),
  },
} as const

/** What happened, before it is numbered, stamped and chained. */
export type DoorBody = BodyOf<typeof doorBodies>
type DoorEnvelope = z.infer<z.ZodMiniObject<typeof doorEnvelope>>
export type DoorMessage = DoorBody & DoorEnvelope

/** Unknown fields stay in the message: a door may be newer than the cloud. */
const doorSchemas = schemasFor(z.looseObject, doorEnvelope, doorBodies)
const envelopeSchema = z.looseObject({ ...doorEnvelope, type: z.string() })

export const parseDoorMessage = (input: string | Uint8Array): Parsed<DoorMessage> =>
  parse<DoorMessage>(input, doorSchemas)

/** For a message of a type that only a later door knows: its place in the log is known all the same. */
export function parseDoorEnvelope(
  input: string,
): (DoorEnvelope & { readonly type: string }) | null {
  const parsed = parseObject(input)
  return (parsed.ok && z.safeParse(envelopeSchema, parsed.message).data) || null
}

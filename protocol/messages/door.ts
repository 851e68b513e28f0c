/** Everything that a door says to the cloud: it is also the door's log. */
import * as z from 'zod/mini'
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
  protocolVersion,
  schemasFor,
  sha256,
  shortText,
} from './shared.ts'

const visitNumber = z.int().check(z.minimum(1), z.maximum(999))

export const visitCauses = ['motion', 'bell', 'keypad'] as const

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

/** What happened, before it is numbered, stamped and chained. */
export type DoorBody = BodyOf<typeof doorBodies>
export type DoorMessage = DoorBody & z.infer<z.ZodMiniObject<typeof doorEnvelope>>

const doorSchemas = schemasFor(doorEnvelope, doorBodies)

export const parseDoorMessage = (text: string): Parsed<DoorMessage> =>
  parse<DoorMessage>(text, doorSchemas)

/**
 * Everything that the cloud says to a door.
 *
 * Objects are strict: a field that this version does not know is refused rather than ignored,
 * because a lock must not act on a message that it only half understands.
 */
import * as z from 'zod/mini'
import {
  type BodyOf,
  count,
  digits,
  doorIdSchema,
  durationMs,
  epochMs,
  hexId,
  type Language,
  languageSchema,
  type Parsed,
  parse,
  protocolVersion,
  schemasFor,
  sha256,
  shortText,
  timeZoneSchema,
} from './shared.ts'

/** A code is never valid for longer than this, whatever a message asks for. */
export const longestGrantMs = 5 * 60_000

/** A command that moves the lock or lifts a pause is worth nothing after this. */
export const longestCommandLifeMs = 10_000

/** A longer live view needs another request. */
export const longestWatchMs = 5 * 60_000

// ---------------------------------------------------------------- credentials

const credentialKinds = ['one-time', 'standing', 'break-glass'] as const
/** `duress`: typed by a person who is threatened. */
export const flags = ['duress'] as const
export const seconds = ['face', 'totp'] as const

const minuteOfDay = z.int().check(z.minimum(0), z.maximum(24 * 60))

const weeklyFields = {
  /** 1 is Monday. */
  weekdays: z
    .array(z.int().check(z.minimum(1), z.maximum(7)))
    .check(z.minLength(1), z.maxLength(7)),
  fromMinute: minuteOfDay,
  /** At or before `fromMinute`: on the next day. */
  toMinute: minuteOfDay,
}

/** When a credential opens the door. All parts must hold. */
export const validityFields = {
  notBeforeMs: epochMs,
  /** Null: it does not expire. */
  expiresAtMs: z.nullable(epochMs),
  /** By the door's time zone. Empty: at any hour. */
  weeklyHours: z.array(z.strictObject(weeklyFields)).check(z.maxLength(21)),
  /** Days without hours, by the door's time zone: `2026-12-25`. */
  exceptDates: z.optional(
    z.array(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))).check(z.maxLength(100)),
  ),
  /** In how many visits it opens. Null: in any number. */
  visits: z.nullable(z.int().check(z.positive())),
  /** It ends so long after its first use. */
  endsAfterFirstUseMs: z.optional(durationMs.check(z.positive())),
}
const validitySchema = z.strictObject(validityFields)
export type Validity = z.infer<typeof validitySchema>

/** Something that can open a door. */
const credentialSchema = z.strictObject({
  grantId: hexId,
  kind: z.enum(credentialKinds),
  holder: z.strictObject({ visitorId: hexId, name: shortText, language: languageSchema }),
  /** The visit that it was issued for. */
  visitId: z.nullable(hexId),
  digits,
  /** `passcodeTag` of the code; null when the code is derived from `grantId`. */
  tag: z.nullable(sha256),
  validity: validitySchema,
  /** What its holder must show besides. `face`: the camera recognised them in this visit. */
  second: z.optional(z.enum(seconds)),
  flags: z.array(z.enum(flags)).check(z.maxLength(8)),
  /** A one-time code that an owner allowed: in holiday mode a door takes no other. */
  approved: z.optional(z.boolean()),
})
export type Credential = z.infer<typeof credentialSchema>

/** Whether a door would understand it. */
export const isCredential = (credential: Credential): boolean =>
  z.safeParse(credentialSchema, credential).success

/** What a one-time code needs to say; everything else about it is fixed. */
export interface OneTimeCode {
  readonly grantId: string
  readonly visitId: string | null
  readonly visitorId: string
  readonly visitorName: string
  readonly language: Language
  readonly digits: Credential['digits']
  readonly notBeforeMs: number
  readonly expiresAtMs: number
  /** An owner allowed it. */
  readonly approved?: boolean
}

export const oneTimeCredential = (code: OneTimeCode): Credential => ({
  grantId: code.grantId,
  kind: 'one-time',
  holder: { visitorId: code.visitorId, name: code.visitorName, language: code.language },
  visitId: code.visitId,
  digits: code.digits,
  tag: null,
  validity: {
    notBeforeMs: code.notBeforeMs,
    expiresAtMs: code.expiresAtMs,
    weeklyHours: [],
    visits: 1,
  },
  flags: [],
  ...(code.approved && { approved: true }),
})

/** Null for a credential that asks for anything that a one-time code does not do. */
export function oneTimeCodeOf(credential: Credential): OneTimeCode | null {
  const { kind, holder, tag, validity, second, flags, grantId, visitId, digits, approved } =
    credential
  const { notBeforeMs, expiresAtMs, weeklyHours, visits, ...more } = validity
  if (kind !== 'one-time' || tag !== null || second || flags.length > 0) return null
  if (expiresAtMs === null || weeklyHours.length > 0 || visits !== 1) return null
  if (Object.keys(more).length > 0) return null
  const { visitorId, name, language } = holder
  return {
    grantId,
    visitId,
    visitorId,
    visitorName: name,
    language,
    digits,
    notBeforeMs,
    expiresAtMs,
    ...(approved && { approved }),
  }
}

// ---------------------------------------------------------------- settings

export const unlockHoldLimitsMs = { least: 500, most: 30_000 }
export const heldOpenLimitsMs = { least: 5_000, most: 3_600_000 }

const within = ({ least, most }: { readonly least: number; readonly most: number }) =>
  z.int().check(z.minimum(least), z.maximum(most))

/**
 * What members may set a door to. `privacy`: the household does not want to be disturbed, and only
 * break-glass codes open. `holiday`: besides those only one-time codes that an owner allowed.
 * `passage`: the lock is held open.
 */
export const settableModes = ['normal', 'holiday', 'privacy', 'passage'] as const
export type SettableMode = (typeof settableModes)[number]

export const modeHoursSchema = z.strictObject({
  mode: z.enum(['holiday', 'privacy', 'passage']),
  ...weeklyFields,
})

/** What the owner may change remotely. Anything electrical stays in the door's own config file. */
export const settingsSchema = z.strictObject({
  unlockHoldMs: within(unlockHoldLimitsMs),
  heldOpenAfterMs: within(heldOpenLimitsMs),
  language: languageSchema,
  /** Part of protocol 1. One-time codes have `oneTimeDigits`, whatever it says. */
  passcodeDigits: digits,
  /** Weekly hours of credentials are in this time zone. */
  timeZone: timeZoneSchema,
  /** Modes of the week, while none was set by hand. Of two at the same time the first counts. */
  modeHours: z.optional(z.array(modeHoursSchema).check(z.maxLength(21))),
})
export type Settings = z.infer<typeof settingsSchema>

const settingsFields = { revision: count, settings: settingsSchema }

export const visitStatuses = ['waiting-for-owner', 'code-sent', 'denied', 'no-answer'] as const
export type VisitStatus = (typeof visitStatuses)[number]

const cloudEnvelope = {
  v: z.literal(protocolVersion),
  id: hexId,
  doorId: doorIdSchema,
  /** The cloud's own count of commands to this door: order for what arrives out of order. */
  seq: z.int().check(z.positive()),
  atMs: epochMs,
}

const fresh = { nonce: hexId, expiresAtMs: epochMs, by: shortText }

/** As many fit into the longest message. */
export const credentialsInState = 200

export const cloudBodies = {
  grant: { credential: credentialSchema },
  'revoke-grant': { grantId: hexId, reason: shortText },
  'visit-status': { visitId: hexId, status: z.enum(visitStatuses) },
  unlock: fresh,
  'lift-pause': fresh,
  /** Streams video even without a visit. 0 ends it. */
  'watch-live': { ...fresh, forMs: durationMs.check(z.maximum(longestWatchMs)) },
  /** `untilMs` is null: until it is set again. `normal` without an end: as the week says. */
  'set-mode': { ...fresh, mode: z.enum(settableModes), untilMs: z.nullable(epochMs) },
  /** The break-glass codes that follow from this id. Those of the sheet before end. */
  'new-sheet': { ...fresh, sheetId: hexId },
  time: { answers: hexId },
  settings: settingsFields,
  'visitor-changed': { visitorId: hexId, name: shortText, language: languageSchema },
  'visitor-removed': { visitorId: hexId },
  /** The camera recognised a visitor in this visit. */
  'visitor-seen': { visitId: hexId, visitorId: hexId },
  /** Everything the door should hold. A credential that is not listed here is revoked. */
  state: {
    answers: hexId,
    /** Where one message has no room for all. It lists those with ids from `from` up to before `before`. */
    page: z.optional(
      z.strictObject({
        number: z.int().check(z.positive()),
        of: z.int().check(z.positive(), z.maximum(1_000)),
        from: hexId,
        /** Null: up to the last. */
        before: z.nullable(hexId),
      }),
    ),
    credentials: z.array(credentialSchema).check(z.maxLength(credentialsInState)),
    removedVisitors: z.array(hexId).check(z.maxLength(1_000)),
    settings: z.nullable(z.strictObject(settingsFields)),
  },
} as const

export type CloudBody = BodyOf<typeof cloudBodies>
export type CloudMessage = CloudBody & z.infer<z.ZodMiniObject<typeof cloudEnvelope>>

const cloudSchemas = schemasFor(z.strictObject, cloudEnvelope, cloudBodies)

export const parseCloudMessage = (input: string | Uint8Array): Parsed<CloudMessage> =>
  parse<CloudMessage>(input, cloudSchemas)

// ---------------------------------------------------------------- capabilities

/** Part of protocol 1, so that no door has to declare it. */
const base = new Set(['time', 'state', 'credential:one-time'])

/** What a door must have declared before it is sent `body`. */
export const capabilitiesFor = (body: CloudBody): readonly string[] =>
  [body.type, ...credentialsIn(body).map(({ kind }) => `credential:${kind}`)].filter(
    (capability) => !base.has(capability),
  )

export function credentialsIn(body: CloudBody): readonly Credential[] {
  if (body.type === 'grant') return [body.credential]
  return body.type === 'state' ? body.credentials : []
}

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
  languageSchema,
  type Parsed,
  parse,
  protocolVersion,
  schemasFor,
  shortText,
} from './shared.ts'

/** A code is never valid for longer than this, whatever a message asks for. */
export const longestGrantMs = 5 * 60_000

/** A command that moves the lock or lifts a pause is worth nothing after this. */
export const longestCommandLifeMs = 10_000

/** A longer live view needs another request. */
export const longestWatchMs = 5 * 60_000

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

export type CloudBody = BodyOf<typeof cloudBodies>
export type CloudMessage = CloudBody & z.infer<z.ZodMiniObject<typeof cloudEnvelope>>

export type Grant = Omit<Extract<CloudBody, { type: 'grant' }>, 'type'>

const cloudSchemas = schemasFor(cloudEnvelope, cloudBodies)

export const parseCloudMessage = (text: string): Parsed<CloudMessage> =>
  parse<CloudMessage>(text, cloudSchemas)

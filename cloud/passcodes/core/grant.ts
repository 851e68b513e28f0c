/** A one-time passcode on its way: issued, stored by the door, sent, used or revoked. */
import type { OneTimeCode } from '../../../protocol/messages/cloud.ts'

export interface Grant extends OneTimeCode {
  readonly household: string
  readonly doorId: string
  /** When the door reported that it stored the grant. */
  readonly storedAtMs: number | null
  readonly sentAtMs: number | null
  readonly sentBy: Way | 'page' | null
  /** When the carrier or the phone confirmed the text. */
  readonly confirmedAtMs: number | null
  readonly closed: 'used' | 'revoked' | null
  /** Why the code was issued. */
  readonly why: string
  /** It is shown on the page of a visitor who rang with their phone. */
  readonly onPage?: boolean | undefined
  /** Hash of the address that the limits counted. The code goes to no other address. */
  readonly countedFor: string | null
}

export type Way = 'sms' | 'email'

/** What became of the request for a code. */
export type CodeOutcome = 'on-its-way' | 'has-one' | 'limited' | 'unknown-door' | 'crowded'

export interface Limit {
  readonly count: number
  readonly withinMs: number
}

/** `address-anywhere` counts over all households. */
export type LimitedBy = 'address' | 'address-anywhere' | 'door'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Bounds the cost, and what one phone or mailbox receives. The owners are notified of a limit. */
export const codeLimits = {
  perAddress: [
    { count: 3, withinMs: 10 * minuteMs },
    { count: 10, withinMs: dayMs },
  ],
  /** All households together must not flood one phone. */
  perAddressAnywhere: [{ count: 30, withinMs: dayMs }],
  perDoor: [{ count: 20, withinMs: hourMs }],
} as const satisfies Record<string, readonly Limit[]>

/** Bounds what texts cost in a day. Beyond that codes are mailed, or the owners are notified. */
export const textLimits = {
  perDoor: [{ count: 60, withinMs: dayMs }],
  perHousehold: [{ count: 100, withinMs: dayMs }],
} as const satisfies Record<string, readonly Limit[]>

/** So that neither a door nor its visitors can flood the owners' mailboxes. */
export const mailLimits = {
  approvals: [{ count: 20, withinMs: hourMs }],
  alarms: [{ count: 10, withinMs: hourMs }],
} as const satisfies Record<string, readonly Limit[]>

/** Numbers the hours, for mails that are sent at most once in each. */
export const hourOf = (atMs: number): number => Math.floor(atMs / hourMs)

/** A text that is not confirmed by then may not arrive, so the code is also sent another way. */
export const confirmedWithinMs = 45_000

/** A grant that the door has not stored by then is revoked. */
export const storedWithinMs = 10_000

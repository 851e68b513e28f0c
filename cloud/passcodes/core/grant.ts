/** A one-time passcode on its way: asked for, kept by the door, texted, used or withdrawn. */
import type { Grant as WireGrant } from '../../../protocol/messages/cloud.ts'

export interface Grant extends WireGrant {
  readonly household: string
  readonly doorId: string
  /** When the door said that it has it. */
  readonly storedAtMs: number | null
  readonly textedAtMs: number | null
  readonly closed: 'used' | 'revoked' | null
  /** Why there is this code. */
  readonly why: string
  /** A hash of the address that it was counted for: no other one may get it. */
  readonly countedFor: string | null
}

export interface Limit {
  readonly count: number
  readonly withinMs: number
}

/** What one phone number may cost, and one door: hitting one is told to the owner. */
export const limits = {
  perAddress: [
    { count: 3, withinMs: 10 * 60_000 },
    { count: 10, withinMs: 24 * 3_600_000 },
  ],
  /** However many households somebody has: a phone is not flooded by all of them together. */
  perAddressAnywhere: [{ count: 30, withinMs: 24 * 3_600_000 }],
  perDoor: [{ count: 20, withinMs: 3_600_000 }],
} as const satisfies Record<string, readonly Limit[]>

const hourMs = 3_600_000
/** So that neither a door nor whoever stands before it can fill its owners' mailboxes. */
export const mailLimits = {
  approvals: [{ count: 20, withinMs: hourMs }],
  alarms: [{ count: 10, withinMs: hourMs }],
} as const satisfies Record<string, readonly Limit[]>

/** In which of the hours something falls that is told once in each. */
export const hourOf = (atMs: number): number => Math.floor(atMs / hourMs)

export const storedWithinMs = 10_000
/** One who has begun to send a text has this long before another may try. */
export const sendingLeaseMs = 20_000

/**
 * May this code open the door now? May this grant be stored? Before `admit` is asked, the keypad may
 * be paused or the door locked (`judgesCodes` in `keypad/keypad.ts`).
 */
import { longestGrantMs, type OneTimeCode } from '../../../protocol/messages/cloud.ts'
import type { EntryRefusal, GrantRefusal } from '../../../protocol/messages/door.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import type { SeenCommands } from '../door/freshness.ts'
import type { StoredGrant, StoredVisitor } from './grant.ts'

export type Verdict =
  | { readonly admitted: true; readonly grant: StoredGrant }
  | { readonly admitted: false; readonly reason: EntryRefusal; readonly grantId: string | null }

/** `grant` is the one whose code was typed, or null when no grant has that code. */
export function admit(grant: StoredGrant | null, nowMs: number, timeKnown: boolean): Verdict {
  const refuse = (reason: EntryRefusal): Verdict => ({
    admitted: false,
    reason,
    grantId: grant?.grantId ?? null,
  })
  if (!timeKnown) return refuse('clock-unknown')
  if (!grant) return refuse('wrong')
  if (grant.closed) return refuse(grant.closed)
  if (nowMs < grant.notBeforeMs) return refuse('not-yet-valid')
  if (nowMs >= grant.expiresAtMs) return refuse('expired')
  return { admitted: true, grant }
}

/** A grant that the cloud offers, and what the door already knows about it. */
export interface Offer {
  readonly grant: OneTimeCode
  readonly commandSeq: number
  readonly existing: StoredGrant | null
  /** The grant that has the same code, if any. */
  readonly sameCode: StoredGrant | null
  readonly visitor: StoredVisitor | null
  readonly seen: SeenCommands
  readonly isDoorLocked: boolean
}

/**
 * Once the door confirms a grant, the visitor is texted the code and it must work; so a grant that
 * would not be honoured is refused here.
 */
export function refusalOf(offer: Offer, nowMs: number, timeKnown: boolean): GrantRefusal | null {
  const { grant, existing, sameCode, visitor } = offer
  if (existing ? existing.closed : mayBeOver(offer, nowMs)) return 'already-closed'
  if (existing && !isSame(existing, grant)) return 'differs-from-stored'
  if (!timeKnown) return 'clock-unknown'
  if ((existing ?? grant).expiresAtMs <= nowMs) return 'expired'
  if (existing) return null
  if (grant.expiresAtMs - grant.notBeforeMs > longestGrantMs) return 'validity-too-long'
  if (grant.digits < oneTimeDigits) return 'not-supported'
  if (visitor && !visitor.known && visitor.commandSeq > offer.commandSeq) return 'visitor-removed'
  if (sameCode && !sameCode.closed && sameCode.expiresAtMs > nowMs) return 'code-in-use'
  return offer.isDoorLocked ? 'door-locked' : null
}

/** A grant that the door does not hold may have been used or revoked, and forgotten since. */
const mayBeOver = ({ grant, commandSeq, seen }: Offer, nowMs: number): boolean =>
  seen.revokedAhead.includes(grant.grantId) ||
  commandSeq < seen.grantsSettledUpToSeq ||
  grant.notBeforeMs < (seen.rememberedSinceMs ?? nowMs)

const isSame = (stored: StoredGrant, grant: OneTimeCode): boolean =>
  stored.visitorId === grant.visitorId &&
  stored.visitId === grant.visitId &&
  stored.digits === grant.digits

/** The door's own clock limits the life of a code too, in case the cloud's clock is ahead. */
export const latestEndMs = (grant: OneTimeCode, nowMs: number): number =>
  Math.min(grant.expiresAtMs, Math.max(nowMs, grant.notBeforeMs) + longestGrantMs)

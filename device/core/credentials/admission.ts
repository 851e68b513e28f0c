/**
 * May this code open the door now? May this grant be stored? Before `admit` is asked, the keypad may
 * be paused or the door locked (`judgesCodes` in `keypad/keypad.ts`).
 */
import { longestGrantMs, type OneTimeCode } from '../../../protocol/messages/cloud.ts'
import type { DoorMode, EntryRefusal, GrantRefusal } from '../../../protocol/messages/door.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import type { SeenCommands } from '../door/freshness.ts'
import type { Standing, StoredGrant, StoredVisitor } from './grant.ts'
import { isWithinHours } from './hours.ts'
import { hasTimeRule, isNewVisit } from './terms.ts'

export type Verdict =
  | { readonly admitted: true; readonly grant: StoredGrant }
  | { readonly admitted: false; readonly reason: EntryRefusal; readonly grantId: string | null }

/** What an admission depends on besides the credential. */
export interface Circumstances {
  /** The earliest possible time while `timeKnown` is false. */
  readonly nowMs: number
  readonly timeKnown: boolean
  readonly timeZone: string
  readonly mode: DoorMode
  readonly visitId: string | null
  /** False after too many wrong codes in a day: `judgesStandingPins`. */
  readonly judgesPins: boolean
  /** Visitors whom the camera recognised in this visit. */
  readonly seenVisitors: readonly string[]
  /** The period of the TOTP code that was typed behind the PIN; null: none that is right. */
  readonly totpPeriod: number | null
}

/** `grant` is the one whose code was typed, or null when no grant has that code. */
export function admit(grant: StoredGrant | null, at: Circumstances): Verdict {
  const reason = entryRefusalOf(grant, at)
  return grant && !reason
    ? { admitted: true, grant }
    : { admitted: false, reason: reason ?? 'wrong', grantId: grant?.grantId ?? null }
}

function entryRefusalOf(grant: StoredGrant | null, at: Circumstances): EntryRefusal | null {
  const { nowMs, timeKnown } = at
  const standing = grant?.standing ?? null
  if (!timeKnown && (!standing || hasTimeRule(standing.terms))) return 'clock-unknown'
  if (!grant) return 'wrong'
  if (grant.closed) return grant.closed
  if (nowMs < grant.notBeforeMs) return timeKnown ? 'not-yet-valid' : 'clock-unknown'
  if (nowMs >= grant.expiresAtMs) return 'expired'
  if (isShutOut(standing, at.mode)) return 'mode'
  return standing && brokenTerm(grant.visitorId, standing, at)
}

/** A one-time code that was texted before the mode began still opens in holiday mode. */
function isShutOut(standing: Standing | null, mode: DoorMode): boolean {
  const kind = standing?.terms.kind ?? 'one-time'
  return (
    (mode === 'privacy' && kind !== 'break-glass') || (mode === 'holiday' && kind === 'standing')
  )
}

function brokenTerm(
  visitorId: string,
  { terms, uses }: Standing,
  at: Circumstances,
): EntryRefusal | null {
  if (terms.kind === 'standing' && !at.judgesPins) return 'pins-resting'
  if (!isWithinHours(terms, at.nowMs, at.timeZone)) return 'outside-hours'
  if (terms.visits !== null && uses.visits >= terms.visits && isNewVisit(uses, at.visitId)) {
    return 'visits-used'
  }
  const isSecondShown = {
    face: at.seenVisitors.includes(visitorId),
    totp: at.totpPeriod !== null && at.totpPeriod > (uses.lastTotpPeriod ?? 0),
  }
  return terms.second && !isSecondShown[terms.second] ? 'second-missing' : null
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
  readonly mode: DoorMode
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
  if (offer.mode === 'locked') return 'door-locked'
  const isUnwanted = offer.mode === 'privacy' || (offer.mode === 'holiday' && !grant.approved)
  return isUnwanted ? 'mode' : null
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

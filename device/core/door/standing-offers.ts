/** Standing credentials that the cloud offers: stored, or changed where the door holds them already. */
import { isHardToGuess, type PinCounts } from '../../../protocol/guessing.ts'
import type { Credential } from '../../../protocol/messages/cloud.ts'
import type { GrantRefusal } from '../../../protocol/messages/door.ts'
import { breakGlassDigits, type PasscodeDigits } from '../../../protocol/passcode.ts'
import { neverMs, type StoredGrant, type StoredVisitor } from '../credentials/grant.ts'
import { endMs, isCounted, type Terms, unused } from '../credentials/terms.ts'
import type { SeenCommands } from './freshness.ts'

export interface StandingOffer {
  readonly credential: Credential
  readonly commandSeq: number
  readonly existing: StoredGrant | null
  /** The grant that has the same code, if any. */
  readonly sameCode: StoredGrant | null
  readonly visitor: StoredVisitor | null
  readonly seen: SeenCommands
  /** Of all live ones that the door holds. */
  readonly pins: PinCounts
}

/** Null for a credential that asks for anything that standing ones do not do. */
export function termsOf({ kind, validity, second, flags, visitId }: Credential): Terms | null {
  if (kind !== 'standing' || visitId !== null) return null
  const { notBeforeMs: _, expiresAtMs: endsAtMs, ...rules } = validity
  return { kind, endsAtMs, ...rules, second: second ?? null, flags }
}

export type OfferAnswer =
  | { readonly refused: GrantRefusal }
  /** Null: the door holds it as it is offered, or as a later message changed it. */
  | { readonly refused: null; readonly store: StoredGrant | null }

export function answerTo(
  offer: StandingOffer,
  terms: Terms,
  nowMs: number,
  timeKnown: boolean,
): OfferAnswer {
  const { credential, commandSeq, existing } = offer
  const refused = refusalOf(offer, terms, nowMs, timeKnown)
  if (refused) return { refused }
  if (existing && isAsOffered(existing, offer, terms)) return { refused: null, store: null }
  const uses = existing?.standing?.uses ?? unused
  const { grantId, digits, holder, validity } = credential
  return {
    refused: null,
    store: {
      ...{ grantId, digits, visitorId: holder.visitorId, visitId: null, commandSeq, closed: null },
      notBeforeMs: validity.notBeforeMs,
      expiresAtMs: endMs(terms, uses) ?? neverMs,
      standing: { terms, uses },
    },
  }
}

function refusalOf(
  offer: StandingOffer,
  terms: Terms,
  nowMs: number,
  timeKnown: boolean,
): GrantRefusal | null {
  const { credential, existing, sameCode, visitor, commandSeq, pins } = offer
  if (existing ? existing.closed : mayBeOver(offer, terms, nowMs)) return 'already-closed'
  if (existing && !isSameCode(existing, offer)) return 'differs-from-stored'
  if (isCounted(terms) && !existing && !timeKnown) return 'clock-unknown'
  if (terms.endsAtMs !== null && terms.endsAtMs <= nowMs) return 'expired'
  if (visitor && !visitor.known && visitor.commandSeq > commandSeq) return 'visitor-removed'
  if (existing) return null
  if (sameCode && !sameCode.closed && sameCode.expiresAtMs > nowMs) return 'code-in-use'
  const { digits } = credential
  if (digits === breakGlassDigits) return 'not-supported'
  return isHardToGuess(oneMore(pins, digits)) ? null : 'too-easy-to-guess'
}

const oneMore = (pins: PinCounts, digits: PasscodeDigits): PinCounts => ({
  ...pins,
  [digits]: (pins[digits] ?? 0) + 1,
})

export const withPin = (pins: PinCounts, { standing, digits }: StoredGrant): PinCounts =>
  standing ? oneMore(pins, digits) : pins

/** A credential that the door does not hold may have been revoked, or used up and forgotten since. */
function mayBeOver(
  { credential, commandSeq, seen }: StandingOffer,
  terms: Terms,
  nowMs: number,
): boolean {
  const { grantId, validity } = credential
  return (
    seen.revokedAhead.includes(grantId) ||
    commandSeq < seen.grantsSettledUpToSeq ||
    (isCounted(terms) && validity.notBeforeMs < (seen.rememberedSinceMs ?? nowMs))
  )
}

/** A new code is a new credential, with an id of its own. */
const isSameCode = (existing: StoredGrant, { credential, sameCode }: StandingOffer): boolean =>
  existing.standing !== null &&
  existing.digits === credential.digits &&
  existing.visitorId === credential.holder.visitorId &&
  sameCode?.grantId === existing.grantId

export const isAsOffered = (
  existing: StoredGrant,
  { credential, commandSeq }: Pick<StandingOffer, 'credential' | 'commandSeq'>,
  terms: Terms,
): boolean =>
  existing.commandSeq >= commandSeq ||
  (existing.notBeforeMs === credential.validity.notBeforeMs &&
    JSON.stringify(sorted(existing.standing?.terms)) === JSON.stringify(sorted(terms)))

/** Stored JSON and a message need not have their fields in the same order. */
const sorted = (terms: Terms | undefined) => Object.entries(terms ?? {}).toSorted()

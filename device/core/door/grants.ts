/** Grants: stored when the cloud offers them, revoked when it withdraws them. */
import { type Credential, oneTimeCodeOf } from '../../../protocol/messages/cloud.ts'
import type { DoorBody, GrantRefusal } from '../../../protocol/messages/door.ts'
import { latestEndMs, refusalOf } from '../credentials/admission.ts'
import type { StoreChange, StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'
import { withRevokedAhead } from './freshness.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

/** A credential that the cloud offers, and what the store knows about it. */
export interface OfferFacts {
  readonly credential: Credential
  readonly tag: Uint8Array
  readonly existing: StoredGrant | null
  readonly sameCode: StoredGrant | null
  readonly visitor: StoredVisitor | null
}

export function takeOffers(
  state: DoorState,
  commandSeq: number,
  offers: readonly OfferFacts[],
  context: EventContext,
): Decision {
  const ids = offers.map(({ credential }) => credential.grantId)
  return offers
    .filter(({ credential }, index) => ids.indexOf(credential.grantId) === index)
    .reduce(
      (done, offer) =>
        followedBy(done, (next) =>
          takeOffer(next, commandSeq, withEarlierOffers(offer, done.changes), context),
        ),
      decision(state),
    )
}

/** A grant that the same message has just added is not in the store yet, but its code is taken. */
function withEarlierOffers(offer: OfferFacts, changes: readonly StoreChange[]): OfferFacts {
  const twin = changes
    .filter((change) => change.kind === 'store-grant')
    .find(({ tag }) => isSameTag(tag, offer.tag))
  return twin ? { ...offer, sameCode: twin.grant } : offer
}

const isSameTag = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

function takeOffer(
  state: DoorState,
  commandSeq: number,
  { credential, ...facts }: OfferFacts,
  { uptimeMs }: EventContext,
): Decision {
  const { grantId } = credential
  const refuse = (reason: GrantRefusal) =>
    decision(state, { record: [{ type: 'grant-refused', grantId, reason }] })
  const grant = oneTimeCodeOf(credential)
  if (!grant) return refuse('not-supported')
  const nowMs = earliestNowMs(state.time, uptimeMs)
  const isDoorLocked = state.rules.mode === 'locked'
  const offer = { ...facts, grant, commandSeq, seen: state.commands, isDoorLocked }
  const reason = refusalOf(offer, nowMs, isConfirmed(state.time))
  if (reason) return refuse(reason)
  const { visitorName, language, ...lasting } = grant
  const { visitId, visitorId } = grant
  const record: DoorBody[] = [{ type: 'grant-stored', grantId, visitId, visitorId }]
  if (facts.existing) return decision(state, { record })
  const stored = { ...lasting, expiresAtMs: latestEndMs(grant, nowMs), commandSeq, closed: null }
  return decision(state, {
    record,
    changes: [
      ...(isNewer(commandSeq, facts.visitor)
        ? [storeVisitor(visitorId, { name: visitorName, language }, commandSeq)]
        : []),
      { kind: 'store-grant', grant: stored, tag: facts.tag },
    ],
  })
}

export const isNewer = (seq: number, visitor: StoredVisitor | null | undefined): boolean =>
  !visitor || visitor.commandSeq < seq

export const storeVisitor = (
  visitorId: string,
  known: StoredVisitor['known'],
  commandSeq: number,
): StoreChange => ({ kind: 'store-visitor', visitor: { visitorId, known, commandSeq } })

export function revoke(
  state: DoorState,
  {
    grantId,
    reason,
    seq,
  }: { readonly grantId: string; readonly reason: string; readonly seq: number },
  grant: StoredGrant | null,
  context: EventContext,
): Decision {
  if (grant) return revokeAll(state, [grant], reason, context)
  const commands = withRevokedAhead(state.commands, grantId, seq)
  return decision(
    { ...state, commands },
    { record: [{ type: 'grant-revoked', grantId, was: 'unknown', reason }] },
  )
}

export function revokeAll(
  state: DoorState,
  grants: readonly StoredGrant[],
  reason: string,
  { uptimeMs }: EventContext,
): Decision {
  const nowMs = earliestNowMs(state.time, uptimeMs)
  return decision(state, {
    record: grants.map(({ grantId, closed, expiresAtMs }) => {
      const was = closed ?? (expiresAtMs <= nowMs ? 'expired' : 'live')
      return { type: 'grant-revoked', grantId, was, reason }
    }),
    changes: grants
      .filter(({ closed }) => closed === null)
      .map(({ grantId }) => ({ kind: 'close-grant', grantId, as: 'revoked' })),
  })
}

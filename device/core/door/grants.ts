/** Grants: stored when the cloud offers them, revoked when it withdraws them. */

import type { PinCounts } from '../../../protocol/guessing.ts'
import { type Credential, oneTimeCodeOf } from '../../../protocol/messages/cloud.ts'
import type { GrantRefusal } from '../../../protocol/messages/door.ts'
import { latestEndMs, refusalOf } from '../credentials/admission.ts'
import type { StoreChange, StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import { modeAt } from '../mode/mode.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'
import { withRevokedAhead } from './freshness.ts'
import { answerTo, isAsOffered, termsOf, withPin } from './standing-offers.ts'
import { type Decision, type DoorState, decision, type EventContext } from './state.ts'

/** A credential that the cloud offers, and what the store knows about it. */
export interface OfferFacts {
  readonly credential: Credential
  readonly tag: Uint8Array
  readonly existing: StoredGrant | null
  readonly sameCode: StoredGrant | null
  readonly visitor: StoredVisitor | null
  /** How many live standing credentials there are. */
  readonly pins: PinCounts
}

export function takeOffers(
  state: DoorState,
  commandSeq: number,
  offers: readonly OfferFacts[],
  context: EventContext,
): Decision {
  const ids = new Set<string>()
  // What the same message has just added is not in the store yet, but counts.
  const added = new Map<string, StoredGrant>()
  let pins = offers[0]?.pins ?? {}
  const steps: Decision[] = []
  let next = state
  for (const offer of offers) {
    const { grantId } = offer.credential
    if (ids.has(grantId)) continue
    ids.add(grantId)
    const code = String(offer.tag)
    const sameCode = added.get(code) ?? offer.sameCode
    const done = takeOffer(next, commandSeq, { ...offer, sameCode, pins }, context)
    for (const change of done.changes) {
      if (change.kind !== 'store-grant') continue
      added.set(code, change.grant)
      if (!offer.existing) pins = withPin(pins, change.grant)
    }
    steps.push(done)
    next = done.state
  }
  return {
    state: next,
    record: steps.flatMap(({ record }) => record),
    changes: steps.flatMap(({ changes }) => changes),
    effects: steps.flatMap(({ effects }) => effects),
  }
}

function takeOffer(
  state: DoorState,
  commandSeq: number,
  { credential, ...facts }: OfferFacts,
  { uptimeMs }: EventContext,
): Decision {
  const { grantId } = credential
  const refuse = (reason: GrantRefusal) =>
    decision(state, { record: [{ type: 'grant-refused', grantId, reason }] })
  const nowMs = earliestNowMs(state.time, uptimeMs)
  const terms = termsOf(credential)
  if (terms) {
    const offer = { ...facts, credential, commandSeq, seen: state.commands }
    const answer = answerTo(offer, terms, nowMs, isConfirmed(state.time))
    return answer.refused
      ? refuse(answer.refused)
      : stored(state, { credential, tag: facts.tag, grant: answer.store }, facts, commandSeq)
  }
  const grant = oneTimeCodeOf(credential)
  if (!grant) return refuse('not-supported')
  const offer = { ...facts, grant, commandSeq, seen: state.commands, mode: modeAt(state, uptimeMs) }
  const reason = refusalOf(offer, nowMs, isConfirmed(state.time))
  if (reason) return refuse(reason)
  const { visitorName: _, language: __, approved: ___, ...lasting } = grant
  const expiresAtMs = latestEndMs(grant, nowMs)
  const isHeld = facts.existing !== null
  const store = { ...lasting, expiresAtMs, commandSeq, closed: null, standing: null }
  return stored(
    state,
    { credential, tag: facts.tag, grant: isHeld ? null : store },
    facts,
    commandSeq,
  )
}

/** `grant` is null when nothing about it changes; the cloud asks again until it hears so. */
function stored(
  state: DoorState,
  {
    credential,
    tag,
    grant,
  }: Pick<OfferFacts, 'credential' | 'tag'> & { grant: StoredGrant | null },
  { visitor }: Pick<OfferFacts, 'visitor'>,
  commandSeq: number,
): Decision {
  const { grantId, visitId, holder } = credential
  const { visitorId, name, language } = holder
  return decision(state, {
    record: [{ type: 'grant-stored', grantId, visitId, visitorId }],
    changes: grant
      ? [
          ...(isNewer(commandSeq, visitor)
            ? [storeVisitor(visitorId, { name, language }, commandSeq)]
            : []),
          { kind: 'store-grant', grant, tag },
        ]
      : [],
  })
}

/** Whether the door holds it just as it is offered, or as a later message changed it. */
export function isHeld({ credential, existing }: OfferFacts, commandSeq: number): boolean {
  if (!existing?.standing) return existing !== null
  const terms = termsOf(credential)
  return (
    !existing.closed && terms !== null && isAsOffered(existing, { credential, commandSeq }, terms)
  )
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

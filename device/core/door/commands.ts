/** What the cloud may tell a door, and what the door makes of it. */
import type { CloudMessage, Grant } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { latestEndMs, type Offer, refusalOf } from '../credentials/admission.ts'
import type { StoreChange, StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import { noWrongCodes } from '../credentials/lockout.ts'
import { opened } from '../lock/opening.ts'
import { confirmedByCloud, confirmedLocally, earliestNowMs } from '../time/trusted-time.ts'
import { freshness, withFresh, withGrantsSettled, withRevokedAhead, withSeq } from './freshness.ts'
import { watchLive } from './live-view.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  followedBy,
  settingsOf,
} from './state.ts'
import { withStatus } from './visit.ts'

/** What the store knows about the things that a command names. */
export interface CommandFacts {
  /** The grants that it offers. */
  readonly offers: readonly OfferFacts[]
  /** The grant that it revokes. */
  readonly grant: StoredGrant | null
  /** The visitors that it changes or removes, as far as the door has them. */
  readonly visitors: readonly StoredVisitor[]
  /** Grants not closed yet and still good by the door's time or by that in the command. */
  readonly open: readonly StoredGrant[]
}

export interface OfferFacts {
  readonly grant: Grant
  readonly tag: Uint8Array
  readonly existing: StoredGrant | null
  readonly sameCode: StoredGrant | null
  readonly visitor: StoredVisitor | null
}

/** An answer later than this is not proof of anything: it may have been kept back. */
const answerFreshForMs = 10_000

/** A cloud that is behind by less is not worth setting the clock back for. */
const setBackAboveMs = 60_000

/** A message that is delivered again must not fill the log again. */
const commandsRemembered = 256

export function decideCommand(
  before: DoorState,
  command: CloudMessage,
  facts: CommandFacts,
  moment: EventContext,
): Decision {
  if (before.recentCommands.includes(command.id)) return decision(before)
  const state = {
    ...before,
    commands: withSeq(before.commands, command.seq),
    recentCommands: [...before.recentCommands, command.id].slice(-commandsRemembered),
  }
  switch (command.type) {
    case 'grant':
      return takeOffers(state, command.seq, facts, moment)
    case 'revoke-grant':
      return revoke(state, command, facts.grant, moment)
    case 'visit-status':
      return decision({
        ...state,
        visits: withStatus(state.visits, command.visitId, command.status),
      })
    case 'unlock':
      return unlock(state, command, moment)
    case 'lift-pause':
      return liftPause(state, command, moment)
    case 'watch-live':
      return watchLive(state, command, moment)
    case 'time':
      return answered(state, command, facts, moment)
    case 'settings':
      return applySettings(state, command)
    case 'visitor-changed':
      return changeVisitor(state, command, facts.visitors)
    case 'visitor-removed':
      return removeVisitors(state, [command.visitorId], command.seq, facts, moment)
    case 'state':
      return wholeState(state, command, facts, moment)
    default:
      return command satisfies never
  }
}

type CommandOf<T extends CloudMessage['type']> = Extract<CloudMessage, { type: T }>

const inTurn = <T>(
  state: DoorState,
  items: readonly T[],
  each: (state: DoorState, item: T) => Decision,
) => items.reduce((done, item) => followedBy(done, (next) => each(next, item)), decision(state))

// ---------------------------------------------------------------- grants

function takeOffers(
  state: DoorState,
  seq: number,
  { offers }: CommandFacts,
  moment: EventContext,
): Decision {
  const ids = offers.map(({ grant }) => grant.grantId)
  return offers
    .filter((_, index) => ids.indexOf(ids[index] ?? '') === index)
    .reduce(
      (done, offer) =>
        followedBy(done, (next) => takeOffer(next, beside(done.changes, offer), seq, moment)),
      decision(state),
    )
}

/** A grant kept a moment ago, by the same message, has its code just as one in the store. */
function beside(changes: readonly StoreChange[], offer: OfferFacts): OfferFacts {
  const kept = changes.filter((change) => change.kind === 'keep-grant')
  const twin = kept.find(({ tag }) => isSameTag(tag, offer.tag))
  return twin ? { ...offer, sameCode: twin.grant } : offer
}

const isSameTag = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

function takeOffer(
  state: DoorState,
  facts: OfferFacts,
  seq: number,
  { uptimeMs }: EventContext,
): Decision {
  const { grant, visitor, existing, tag } = facts
  const { grantId, visitId, visitorId, digits, notBeforeMs } = grant
  const nowMs = earliestNowMs(state.time, uptimeMs)
  const offer: Offer = { ...facts, commandSeq: seq, seen: state.commands }
  const reason = refusalOf(offer, nowMs, state.time.confirmed)
  if (reason) return decision(state, { record: [{ type: 'grant-refused', grantId, reason }] })
  const record: DoorBody[] = [{ type: 'grant-stored', grantId, visitId, visitorId }]
  if (existing) return decision(state, { record })
  // A code that nobody could use must not be texted. The first version has no word for this reason;
  // the cloud withdraws what is not confirmed, and tells the owner.
  if (state.rules.mode === 'locked') return decision(state)
  const stored: StoredGrant = {
    grantId,
    visitId,
    visitorId,
    digits,
    notBeforeMs,
    expiresAtMs: latestEndMs(grant, nowMs),
    commandSeq: seq,
    closed: null,
  }
  const known = { name: grant.visitorName, language: grant.language }
  return decision(state, {
    record,
    changes: [
      ...(isNews(visitor, seq) ? [keepVisitor(visitorId, known, seq)] : []),
      { kind: 'keep-grant', grant: stored, tag },
    ],
  })
}

function revoke(
  state: DoorState,
  { grantId, reason, seq }: CommandOf<'revoke-grant'>,
  grant: StoredGrant | null,
  { uptimeMs }: EventContext,
): Decision {
  const was = whatItWas(grant, earliestNowMs(state.time, uptimeMs))
  const record: DoorBody[] = [{ type: 'grant-revoked', grantId, was, reason }]
  if (!grant) {
    const commands = withRevokedAhead(state.commands, grantId, seq)
    return decision({ ...state, commands }, { record })
  }
  return decision(state, { record, changes: grant.closed ? [] : [closeGrant(grant)] })
}

function whatItWas(grant: StoredGrant | null, nowMs: number) {
  if (!grant) return 'unknown'
  return grant.closed ?? (grant.expiresAtMs <= nowMs ? 'expired' : 'live')
}

const closeGrant = ({ grantId }: StoredGrant): StoreChange => ({
  kind: 'close-grant',
  grantId,
  as: 'revoked',
})

function revokeAll(
  state: DoorState,
  grants: readonly StoredGrant[],
  reason: string,
  { uptimeMs }: EventContext,
): Decision {
  const nowMs = earliestNowMs(state.time, uptimeMs)
  return decision(state, {
    record: grants.map((grant) => ({
      type: 'grant-revoked',
      grantId: grant.grantId,
      was: whatItWas(grant, nowMs),
      reason,
    })),
    changes: grants.map(closeGrant),
  })
}

// ---------------------------------------------------------------- the owner's wishes of the moment

function unlock(
  state: DoorState,
  command: CommandOf<'unlock'>,
  { uptimeMs }: EventContext,
): Decision {
  const refused = refuseUnlessFresh(state, command, uptimeMs)
  if (refused) return refused
  if (state.rules.mode === 'locked') return staysLocked(state, command, uptimeMs)
  const { state: next, effect } = opened(state, uptimeMs, settingsOf(state).unlockHoldMs)
  return decision(withFreshCommand(next, command, uptimeMs), {
    record: [
      {
        type: 'unlocked-remotely',
        commandId: command.id,
        by: command.by,
        visitId: state.visits.visit?.visitId ?? null,
        holdMs: effect.holdMs,
      },
    ],
    effects: [effect],
  })
}

/** Told as what the owner sees: they wished it open, and it is not. The wish is spent all the same. */
const staysLocked = (state: DoorState, command: FreshMessage, uptimeMs: number): Decision =>
  decision(withFreshCommand(state, command, uptimeMs), {
    record: [{ type: 'lock-failed', action: 'open', detail: 'the door is set to stay locked' }],
  })

function liftPause(
  state: DoorState,
  command: CommandOf<'lift-pause'>,
  { uptimeMs }: EventContext,
): Decision {
  const refused = refuseUnlessFresh(state, command, uptimeMs)
  if (refused) return refused
  return decision(withFreshCommand({ ...state, lockout: noWrongCodes }, command, uptimeMs), {
    record: [{ type: 'keypad-resumed', commandId: command.id, by: command.by }],
  })
}

type FreshMessage = CommandOf<'unlock' | 'lift-pause'>

function refuseUnlessFresh(state: DoorState, command: FreshMessage, uptimeMs: number) {
  const nowMs = earliestNowMs(state.time, uptimeMs)
  const reason = freshness(command, state.commands, nowMs, state.time.confirmed)
  if (!reason) return null
  // It must not come back later, when its life has become short enough.
  const spent = reason === 'too-long-lived' ? withFreshCommand(state, command, uptimeMs) : state
  return decision(spent, {
    record: [{ type: 'command-refused', commandId: command.id, command: command.type, reason }],
  })
}

const withFreshCommand = (
  state: DoorState,
  command: FreshMessage,
  uptimeMs: number,
): DoorState => ({
  ...state,
  commands: withFresh(state.commands, command, earliestNowMs(state.time, uptimeMs)),
})

// ---------------------------------------------------------------- settings and visitors

function applySettings(
  state: DoorState,
  { revision, settings }: Pick<CommandOf<'settings'>, 'revision' | 'settings'>,
): Decision {
  if (revision <= state.settings.revision) return decision(state)
  return decision(
    { ...state, settings: { revision, settings } },
    { record: [{ type: 'settings-applied', revision }] },
  )
}

const isNews = (visitor: StoredVisitor | null | undefined, seq: number): boolean =>
  !visitor || visitor.commandSeq < seq

const keepVisitor = (
  visitorId: string,
  known: StoredVisitor['known'],
  commandSeq: number,
): StoreChange => ({ kind: 'keep-visitor', visitor: { visitorId, known, commandSeq } })

function changeVisitor(
  state: DoorState,
  { visitorId, name, language, seq }: CommandOf<'visitor-changed'>,
  [visitor]: readonly StoredVisitor[],
): Decision {
  if (!isNews(visitor, seq)) return decision(state)
  return decision(state, {
    record: [{ type: 'visitor-updated', visitorId }],
    changes: [keepVisitor(visitorId, { name, language }, seq)],
  })
}

/** Name and codes go together: whoever the owner deleted does not get in a minute later. */
function removeVisitors(
  state: DoorState,
  visitorIds: readonly string[],
  seq: number,
  facts: CommandFacts,
  moment: EventContext,
): Decision {
  return inTurn(state, visitorIds, (next, visitorId) => {
    const visitor = facts.visitors.find((one) => one.visitorId === visitorId)
    const theirs = facts.open.filter(
      (grant) => grant.visitorId === visitorId && grant.commandSeq < seq,
    )
    // Whatever was heard of them since, what they could do before is over.
    const over = revokeAll(next, theirs, 'visitor removed', moment)
    if (!isNews(visitor, seq)) return over
    return followedBy(over, (revoked) =>
      decision(revoked, {
        record: [{ type: 'visitor-forgotten', visitorId, grantsRevoked: theirs.length }],
        changes: [keepVisitor(visitorId, null, seq)],
      }),
    )
  })
}

// ---------------------------------------------------------------- answers

/** The cloud's time counts only as the answer to a question asked moments ago. */
function answered(
  state: DoorState,
  { answers, atMs }: { answers: string; atMs: number },
  facts: CommandFacts,
  moment: EventContext,
): Decision {
  const { asked } = state.link
  const { uptimeMs } = moment
  if (asked?.ask !== answers) return decision(state)
  const tookMs = uptimeMs - asked.atUptimeMs
  if (tookMs > answerFreshForMs) return decision(state)
  const settled = { ...state, link: { ...state.link, asked: null, unanswered: 0 } }
  const beforeMs = earliestNowMs(state.time, uptimeMs)
  // The answer was on its way for some of that time; the later end never lengthens a code's life.
  const nowMs = atMs + tookMs
  if (nowMs >= beforeMs - setBackAboveMs) {
    const time = { ...confirmedLocally(state.time, nowMs, uptimeMs), byCloud: true }
    return decision(
      { ...settled, time },
      { record: clockRecord(state, time.highWaterMs - beforeMs) },
    )
  }
  const couldRevive = facts.open.filter((grant) => grant.expiresAtMs <= beforeMs)
  return followedBy(revokeAll(settled, couldRevive, 'clock set back', moment), (revoked) =>
    decision(
      { ...revoked, time: confirmedByCloud(nowMs, uptimeMs) },
      { record: clockRecord(state, nowMs - beforeMs) },
    ),
  )
}

const clockRecord = (before: DoorState, movedMs: number): readonly DoorBody[] =>
  before.time.confirmed && Math.abs(movedMs) < setBackAboveMs
    ? []
    : [{ type: 'clock-confirmed', source: 'cloud', movedMs }]

/** After this the door holds exactly what the cloud listed, apart from news that came since. */
function wholeState(
  state: DoorState,
  command: CommandOf<'state'>,
  facts: CommandFacts,
  moment: EventContext,
): Decision {
  const isWanted = state.link.asked?.ask === command.answers
  const listed = new Set(command.grants.map(({ grantId }) => grantId))
  const steps: readonly ((state: DoorState, facts: CommandFacts) => Decision)[] = [
    (next, left) => answered(next, command, left, moment),
    (next, left) => removeVisitors(next, command.removedVisitors, command.seq, left, moment),
    (next, left) => {
      const missing = left.open.filter(
        ({ grantId, commandSeq }) => !listed.has(grantId) && commandSeq < command.seq,
      )
      return revokeAll(next, missing, 'not in the list of good grants', moment)
    },
    (next, { offers, ...left }) => {
      const unknown = offers.filter(({ existing }) => !existing)
      return takeOffers(next, command.seq, { ...left, offers: unknown }, moment)
    },
    (next) => (command.settings ? applySettings(next, command.settings) : decision(next)),
    (next) =>
      decision({
        ...next,
        commands: withGrantsSettled(next.commands, command.seq),
        link: { ...next.link, synced: next.link.synced || isWanted },
      }),
  ]
  return steps.reduce(
    (done, step) => followedBy(done, (next) => step(next, withoutClosed(facts, done))),
    decision(state),
  )
}

/** What one step has closed, the next must not close again. */
function withoutClosed(facts: CommandFacts, { changes }: Decision): CommandFacts {
  const closed = new Set(
    changes.flatMap((change) => (change.kind === 'close-grant' ? change.grantId : [])),
  )
  return { ...facts, open: facts.open.filter(({ grantId }) => !closed.has(grantId)) }
}

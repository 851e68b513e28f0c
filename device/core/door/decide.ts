/**
 * What happens next, in any situation: `decide(state, event, moment)` returns the next state, what
 * to write down, what to remember, and what to do once all that is safely on the disk. It touches
 * nothing itself, so every rule of the door can be read, and tested, here and in its neighbours.
 */
import type { CloudMessage } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import type { MessageRefusal } from '../../../protocol/messages/shared.ts'
import { admit } from '../credentials/admission.ts'
import type { StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import { afterGoodCode, afterWrongCode, pausedForMs } from '../credentials/lockout.ts'
import { bondChanged, bondDue, bondDueAtUptimeMs, watchingBond } from '../lock/bond.ts'
import {
  contactChanged,
  exitPressed,
  heldOpenDue,
  heldOpenDueAtUptimeMs,
  holdOpen,
  opened,
  relockDue,
  relockDueAtUptimeMs,
} from '../lock/opening.ts'
import {
  type ClockSource,
  confirmedLocally,
  earliestNowMs,
  marked,
  wasEverSet,
} from '../time/trusted-time.ts'
import {
  askAgainDue,
  askAgainDueAtUptimeMs,
  askTheTime,
  commandLost,
  introductionDue,
  introductionDueAtUptimeMs,
  linkChanged,
  selfDescription,
} from './cloud-session.ts'
import { type CommandFacts, decideCommand } from './commands.ts'
import { withMemorySince } from './freshness.ts'
import { watchDue } from './live-view.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  followedBy,
  settingsOf,
} from './state.ts'
import { left, seen, type Visit, withStatus } from './visit.ts'

type SnapshotUploaded = Omit<Extract<DoorBody, { type: 'snapshot-uploaded' }>, 'type'>

export type DoorEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'stopping'; readonly signal: string }
  | { readonly kind: 'tick' }
  | {
      readonly kind: 'clock-confirmed'
      readonly atMs: number
      readonly source: Exclude<ClockSource, 'cloud'>
    }
  | {
      readonly kind: 'code-entered'
      /** The grant whose code was typed, or null when no grant has that code. */
      readonly grant: StoredGrant | null
      readonly visitor: StoredVisitor | null
    }
  | { readonly kind: 'bell-pressed' }
  | { readonly kind: 'exit-pressed' }
  | { readonly kind: 'contact-changed'; readonly open: boolean }
  /** The lock says whether it holds. */
  | { readonly kind: 'bond-changed'; readonly holding: boolean }
  | { readonly kind: 'motion'; readonly moving: boolean }
  | ({ readonly kind: 'snapshot-uploaded' } & SnapshotUploaded)
  | { readonly kind: 'link-changed'; readonly online: boolean }
  | {
      readonly kind: 'command-arrived'
      readonly command: CloudMessage
      readonly facts: CommandFacts
    }
  /** A command came, but could not be taken in: nobody will send it again. */
  | { readonly kind: 'command-lost' }
  | { readonly kind: 'message-refused'; readonly reason: MessageRefusal; readonly detail: string }
  | { readonly kind: 'lock-failed'; readonly action: 'open' | 'close'; readonly detail: string }

/** A bell that is leant on rings once in this time. */
const bellEveryMs = 3_000
/** So often the time is written down, even if nothing else is. */
const markEveryMs = 60_000
/** A clock that creeps is normal; one that jumps by more than this is worth a line in the log. */
const clockJumpMs = 60_000

export function decide(state: DoorState, event: DoorEvent, moment: EventContext): Decision {
  const decided = looking(remembering(decideEvent(state, event, moment), moment), moment)
  const { time } = decided.state
  return persistsAnything(state, decided) || moment.uptimeMs >= time.markedAtUptimeMs + markEveryMs
    ? { ...decided, state: { ...decided.state, time: marked(time, moment.uptimeMs) } }
    : decided
}

const looking = (decided: Decision, { uptimeMs }: EventContext): Decision => ({
  ...decided,
  state: watchingBond(decided.state, uptimeMs),
})

function remembering(decided: Decision, { uptimeMs }: EventContext): Decision {
  const { time, commands } = decided.state
  const since = withMemorySince(commands, earliestNowMs(time, uptimeMs))
  if (!time.confirmed || since === commands) return decided
  return { ...decided, state: { ...decided.state, commands: since } }
}

/** Whether a decision is worth a write to the disk. */
export const persistsAnything = (
  before: DoorState,
  { state, record, changes }: Decision,
): boolean =>
  record.length > 0 ||
  changes.length > 0 ||
  state.time !== before.time ||
  state.lockout !== before.lockout ||
  state.visits !== before.visits ||
  state.commands !== before.commands ||
  state.settings !== before.settings

/**
 * Whoever is let in, or whose pause is lifted, must be in the store first. Everything else goes on
 * without it: a door that cannot write must still lock, and still let people out.
 */
export const mustBePersisted = ({ kind }: DoorEvent): boolean =>
  kind === 'code-entered' || kind === 'command-arrived'

/**
 * What is left of an event that must be kept and could not be. A code then counts as a wrong one,
 * whether it was or not: guessing stays as slow as ever, and nobody learns which codes are good.
 */
export const whenPersistFailed = (
  state: DoorState,
  event: DoorEvent,
  { uptimeMs }: EventContext,
): DoorState =>
  event.kind === 'code-entered' && judgesCodes(state, uptimeMs)
    ? { ...state, lockout: afterWrongCode(state.lockout, uptimeMs, state.rules.lockout).lockout }
    : state

/** The running time at which `tick` should come next. */
export function nextTickUptimeMs(state: DoorState, uptimeMs: number): number {
  const { pausedUntilUptimeMs } = state.lockout
  const due = [
    state.time.markedAtUptimeMs + markEveryMs,
    relockDueAtUptimeMs(state),
    heldOpenDueAtUptimeMs(state),
    bondDueAtUptimeMs(state),
    leavingDueAtUptimeMs(state),
    state.watchedUntilUptimeMs,
    introductionDueAtUptimeMs(state),
    askAgainDueAtUptimeMs(state),
    // Nothing is decided then, but whoever shows the keypad wants to know.
    pausedUntilUptimeMs > uptimeMs ? pausedUntilUptimeMs : null,
  ]
  return Math.min(...due.filter((atUptimeMs) => atUptimeMs !== null))
}

function decideEvent(state: DoorState, event: DoorEvent, moment: EventContext): Decision {
  switch (event.kind) {
    case 'started':
      return started(state, moment)
    case 'stopping':
      return stopping(state, event.signal)
    case 'tick':
      return tick(state, moment)
    case 'clock-confirmed':
      return clockConfirmed(state, event, moment)
    case 'code-entered':
      return codeEntered(state, event, moment)
    case 'bell-pressed':
      return bellPressed(state, moment)
    case 'exit-pressed':
      return exitPressed(state, moment)
    case 'contact-changed':
      return contactChanged(state, event.open, moment)
    case 'bond-changed':
      return bondChanged(state, event.holding)
    case 'motion':
      return motion(state, event.moving, moment)
    case 'snapshot-uploaded':
      return snapshotUploaded(state, event)
    case 'link-changed':
      return linkChanged(state, event.online, moment)
    case 'command-arrived':
      return decideCommand(state, event.command, event.facts, moment)
    case 'command-lost':
      return commandLost(state, moment)
    case 'message-refused':
      return messageRefused(state, event)
    case 'lock-failed':
      return decision(state, {
        record: [{ type: 'lock-failed', action: event.action, detail: event.detail }],
      })
    default:
      return event satisfies never
  }
}

// ---------------------------------------------------------------- starting, stopping, time

function started(state: DoorState, moment: EventContext): Decision {
  const pausedFor = pausedForMs(state.lockout, moment.uptimeMs)
  const locked = decision(state, {
    record: [{ type: 'door-started', software: state.rules.software, pausedForMs: pausedFor }],
    effects: [{ kind: 'close-lock' }],
  })
  if (state.rules.mode !== 'unlocked') return locked
  // Nobody opens it, so this is where the log says that it is open.
  return followedBy(
    followedBy(locked, (next) => holdOpen(next, moment)),
    (open) => decision(open, { record: [selfDescription(open, moment)] }),
  )
}

function stopping(state: DoorState, signal: string): Decision {
  const record: DoorBody[] = [{ type: 'door-stopped', signal }]
  if (state.openUntilUptimeMs !== null) record.unshift({ type: 'lock-closed', cause: 'stopping' })
  return decision(
    { ...state, openUntilUptimeMs: null },
    { record, effects: [{ kind: 'close-lock' }] },
  )
}

/** The one timer: whatever was due by now happens, in the order in which it matters. */
const tick = (state: DoorState, moment: EventContext): Decision =>
  [relockDue, heldOpenDue, bondDue, leavingDue, watchDue, introductionDue, askAgainDue].reduce(
    (done, due) => followedBy(done, (next) => due(next, moment)),
    decision(state),
  )

function clockConfirmed(
  state: DoorState,
  { atMs, source }: Extract<DoorEvent, { kind: 'clock-confirmed' }>,
  moment: EventContext,
): Decision {
  const { uptimeMs } = moment
  const aheadMs = atMs - earliestNowMs(state.time, uptimeMs)
  const time = confirmedLocally(state.time, atMs, uptimeMs)
  const movedMs = wasEverSet(state.time) ? Math.max(0, aheadMs) : 0
  const record: DoorBody[] = [{ type: 'clock-confirmed', source, movedMs }]
  if (!state.time.confirmed) {
    // A clock that is behind what the door knows for certain is wrong, and confirms nothing.
    // Neither does one that has jumped away from what the cloud said, until that was asked again.
    const isDoubtful = aheadMs < -clockJumpMs || (state.time.byCloud && aheadMs >= clockJumpMs)
    return isDoubtful ? decision(state) : decision({ ...state, time }, { record })
  }
  if (movedMs < clockJumpMs) return decision(movedMs > 0 ? { ...state, time } : state)
  // The cloud has told the time since. Either the local clock is wrong, or the machine was asleep
  // and the running time stood still: the cloud must say which, and until then no code counts.
  if (state.time.byCloud) {
    return askTheTime({ ...state, time: { ...state.time, confirmed: false } }, moment)
  }
  return followedBy(decision({ ...state, time }, { record }), (next) => askTheTime(next, moment))
}

// ---------------------------------------------------------------- the keypad

function codeEntered(
  before: DoorState,
  { grant, visitor }: Extract<DoorEvent, { kind: 'code-entered' }>,
  moment: EventContext,
): Decision {
  const { uptimeMs } = moment
  if (!judgesCodes(before, uptimeMs)) {
    const answer = {
      outcome: 'paused',
      pausedForMs: pausedForMs(before.lockout, uptimeMs),
    } as const
    return decision(before, { effects: [{ kind: 'answer-code', answer }] })
  }
  return followedBy(somebodySeen(before, 'keypad', moment), (state) => {
    const verdict = admit(grant, earliestNowMs(state.time, uptimeMs), state.time.confirmed)
    return verdict.admitted
      ? codeAccepted(state, verdict.grant, visitor, moment)
      : codeRefused(state, verdict, moment)
  })
}

/** Otherwise a code is not even looked at, and so neither counted nor used up. */
export const judgesCodes = ({ rules, lockout }: DoorState, uptimeMs: number): boolean =>
  rules.mode !== 'locked' && pausedForMs(lockout, uptimeMs) === 0

/** Only ever more: who needs more time has no use for less than everybody gets. */
function holdMsFor(state: DoorState, visitorId: string): number {
  const { holdMs, visitorIds } = state.rules.extended
  const { unlockHoldMs } = settingsOf(state)
  return visitorIds.includes(visitorId) ? Math.max(holdMs, unlockHoldMs) : unlockHoldMs
}

function codeAccepted(
  before: DoorState,
  { grantId, visitorId }: StoredGrant,
  visitor: StoredVisitor | null,
  { uptimeMs }: EventContext,
): Decision {
  const settings = settingsOf(before)
  const { state, effect } = opened(before, uptimeMs, holdMsFor(before, visitorId))
  const visitId = state.visits.visit?.visitId ?? null
  return decision(
    {
      ...state,
      lockout: afterGoodCode(state.lockout),
      visits: visitId ? withStatus(state.visits, visitId, 'entered') : state.visits,
    },
    {
      record: [{ type: 'entry-accepted', grantId, visitorId, visitId, holdMs: effect.holdMs }],
      changes: [{ kind: 'close-grant', grantId, as: 'used' }],
      effects: [
        effect,
        {
          kind: 'answer-code',
          answer: {
            outcome: 'accepted',
            visitorName: visitor?.known?.name ?? '',
            language: visitor?.known?.language ?? settings.language,
            unlockedForMs: effect.holdMs,
          },
        },
      ],
    },
  )
}

function codeRefused(
  state: DoorState,
  { reason, grantId }: Extract<ReturnType<typeof admit>, { admitted: false }>,
  { uptimeMs }: EventContext,
): Decision {
  const { lockout, pause } = afterWrongCode(state.lockout, uptimeMs, state.rules.lockout)
  const visitId = state.visits.visit?.visitId ?? null
  const { wrongInRow } = lockout
  const wrongInDay = lockout.wrongAtUptimeMs.length
  const record: DoorBody[] = [
    { type: 'entry-refused', reason, grantId, visitId, wrongInRow, wrongInDay },
  ]
  if (pause) record.push({ type: 'keypad-paused', ...pause, wrongInDay, visitId })
  const answer = { outcome: 'denied', pausedForMs: pause?.forMs ?? 0 } as const
  return decision({ ...state, lockout }, { record, effects: [{ kind: 'answer-code', answer }] })
}

// ---------------------------------------------------------------- who is there

function snapshotUploaded(
  state: DoorState,
  { kind, ...snapshot }: { kind: 'snapshot-uploaded' } & SnapshotUploaded,
): Decision {
  return decision(state, { record: [{ type: kind, ...snapshot }] })
}

function somebodySeen(
  state: DoorState,
  cause: 'motion' | 'bell' | 'keypad',
  { uptimeMs, id }: EventContext,
): Decision {
  const { visits, record } = seen(state.visits, cause, id, uptimeMs)
  const attention = { ...state.attention, lastSeenUptimeMs: uptimeMs }
  return decision({ ...state, visits, attention }, { record })
}

function motion(state: DoorState, moving: boolean, moment: EventContext): Decision {
  return followedBy(moving ? somebodySeen(state, 'motion', moment) : decision(state), (next) =>
    decision({ ...next, attention: { moving, lastSeenUptimeMs: moment.uptimeMs } }),
  )
}

function bellPressed(state: DoorState, moment: EventContext): Decision {
  const { uptimeMs } = moment
  if (state.lastBellUptimeMs !== null && uptimeMs < state.lastBellUptimeMs + bellEveryMs) {
    return decision(state)
  }
  return followedBy(somebodySeen(state, 'bell', moment), (next) =>
    decision(
      { ...next, lastBellUptimeMs: uptimeMs },
      { record: next.visits.visit ? [ringFor(next.visits.visit)] : [] },
    ),
  )
}

const ringFor = ({ visitId }: Visit): DoorBody => ({ type: 'bell-rung', visitId })

function leavingDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const dueAtUptimeMs = leavingDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs) return decision(state)
  const { visits, record } = left(state.visits, uptimeMs)
  return decision({ ...state, visits }, { record })
}

const leavingDueAtUptimeMs = ({ visits, attention, rules }: DoorState): number | null =>
  visits.visit && !attention.moving ? attention.lastSeenUptimeMs + rules.leftAfterMs : null

// ---------------------------------------------------------------- messages

/** Once of each kind: a line that babbles must not fill the disk. All of them are counted. */
function messageRefused(
  state: DoorState,
  { reason, detail }: Extract<DoorEvent, { kind: 'message-refused' }>,
): Decision {
  if (state.refusalsTold.includes(reason)) return decision(state)
  return decision(
    { ...state, refusalsTold: [...state.refusalsTold, reason] },
    { record: [{ type: 'message-refused', reason, detail }] },
  )
}

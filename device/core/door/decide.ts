/**
 * The one place that decides what happens next: `decide(state, event, context)` returns the next
 * state, what to log, what to store, and what to do once all that is on the disk. It does nothing
 * itself.
 */

import type { CloudMessage } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import type { MessageRefusal } from '../../../protocol/messages/shared.ts'
import type { StoredGrant } from '../credentials/grant.ts'
import { pausedForMs } from '../credentials/lockout.ts'
import { endUnreadable, type SheetFacts, storeSheet } from '../credentials/sheet.ts'
import { type CodeEntered, codeEntered, unpersistedCode } from '../keypad/keypad.ts'
import {
  type LockFailure,
  lockAcknowledged,
  lockFailed,
  openingDue,
  openingDueAtUptimeMs,
} from '../lock/answer.ts'
import { bondChanged, bondDue, bondDueAtUptimeMs, watchingBond } from '../lock/bond.ts'
import {
  contactChanged,
  exitDue,
  exitPressed,
  heldOpenDue,
  heldOpenDueAtUptimeMs,
  holdOpen,
  relockDue,
  relockDueAtUptimeMs,
} from '../lock/opening.ts'
import { modeDue, modeDueAtUptimeMs } from '../mode/changes.ts'
import { modeAt } from '../mode/mode.ts'
import { earliestNowMs, isConfirmed, type LocalClock, marked } from '../time/trusted-time.ts'
import {
  bellPressed,
  leavingDue,
  leavingDueAtUptimeMs,
  motion,
  nextVisitorDue,
  nextVisitorDueAtUptimeMs,
} from './arrivals.ts'
import { clockConfirmed } from './clock.ts'
import {
  askAgainDue,
  askAgainDueAtUptimeMs,
  commandLost,
  introductionDue,
  introductionDueAtUptimeMs,
  linkChanged,
  selfDescription,
} from './cloud-session.ts'
import { type CommandFacts, decideCommand } from './commands.ts'
import { steadyDue, steadyDueAtUptimeMs, withoutFlapping } from './flapping.ts'
import { withMemorySince } from './freshness.ts'
import { type PasscodeWanted, passcodeWanted } from './local-codes.ts'
import { type Request, unlock, watchDue } from './requests.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

type SnapshotUploaded = Omit<Extract<DoorBody, { type: 'snapshot-uploaded' }>, 'type'>

export type DoorEvent =
  /** With the codes of the break-glass sheet that follow from a key which was replaced. */
  | { readonly kind: 'started'; readonly unreadable?: readonly StoredGrant[] }
  | { readonly kind: 'stopping'; readonly signal: string }
  | { readonly kind: 'tick' }
  | ({ readonly kind: 'clock-confirmed' } & LocalClock)
  | ({ readonly kind: 'code-entered' } & CodeEntered)
  /** From an integration. A command of the cloud to unlock is a `command-arrived`. */
  | ({ readonly kind: 'unlock-requested' } & Omit<Request, 'commandId'>)
  | ({ readonly kind: 'passcode-wanted' } & PasscodeWanted)
  /** From a terminal at the door. A sheet from the cloud is a `command-arrived`. */
  | ({ readonly kind: 'sheet-wanted'; readonly by: string } & SheetFacts)
  | { readonly kind: 'bell-pressed' }
  | { readonly kind: 'exit-pressed' }
  | { readonly kind: 'contact-changed'; readonly open: boolean }
  /** The lock reports whether it holds. */
  | { readonly kind: 'bond-changed'; readonly holding: boolean }
  | { readonly kind: 'motion'; readonly moving: boolean }
  | ({ readonly kind: 'snapshot-uploaded' } & SnapshotUploaded)
  | { readonly kind: 'link-changed'; readonly online: boolean }
  | {
      readonly kind: 'command-arrived'
      readonly command: CloudMessage
      readonly facts: CommandFacts
    }
  /** A command came but could not be handled. It will not be sent again. */
  | { readonly kind: 'command-lost' }
  | { readonly kind: 'message-refused'; readonly reason: MessageRefusal; readonly detail: string }
  /** The lock has carried out the last order to open. */
  | { readonly kind: 'lock-opened' }
  | ({ readonly kind: 'lock-failed' } & LockFailure)

/** The time is written down this often even if nothing else is. */
const markEveryMs = 60_000

export function decide(state: DoorState, event: DoorEvent, context: EventContext): Decision {
  const inMode = (decided: Decision) =>
    event.kind === 'stopping' ? decided : followedBy(decided, (next) => modeDue(next, context))
  const decided = withoutFlapping(
    afterEvent(inMode(decideEvent(state, event, context)), context),
    context,
  )
  const { time } = decided.state
  return persistsAnything(state, decided) || context.uptimeMs >= time.markedAtUptimeMs + markEveryMs
    ? { ...decided, state: { ...decided.state, time: marked(time, context.uptimeMs) } }
    : decided
}

/** What follows from every event. */
function afterEvent(decided: Decision, { uptimeMs }: EventContext): Decision {
  const { time, commands: before } = decided.state
  const since = withMemorySince(before, earliestNowMs(time, uptimeMs))
  const commands = isConfirmed(time) ? since : before
  return { ...decided, state: watchingBond({ ...decided.state, commands }, uptimeMs) }
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
  state.settings !== before.settings ||
  state.mode !== before.mode

/**
 * What lets a visitor in or ends a pause must be on the disk first. Everything else goes on without
 * it: a door that cannot write must still lock, and still let people out.
 */
export const mustBePersisted = ({ kind }: DoorEvent): boolean =>
  kind === 'code-entered' ||
  kind === 'command-arrived' ||
  kind === 'unlock-requested' ||
  kind === 'passcode-wanted' ||
  kind === 'sheet-wanted'

/** The state after an event that had to be persisted and could not be. */
export const whenPersistFailed = (
  state: DoorState,
  event: DoorEvent,
  context: EventContext,
): DoorState => (event.kind === 'code-entered' ? unpersistedCode(state, event, context) : state)

/** The uptime at which `tick` should come next. */
export function nextTickUptimeMs(state: DoorState, uptimeMs: number): number {
  const { pausedUntilUptimeMs } = state.lockout
  const due = [
    state.time.markedAtUptimeMs + markEveryMs,
    openingDueAtUptimeMs(state),
    modeDueAtUptimeMs(state, uptimeMs),
    relockDueAtUptimeMs(state, uptimeMs),
    state.exitDueAtUptimeMs,
    heldOpenDueAtUptimeMs(state),
    bondDueAtUptimeMs(state),
    steadyDueAtUptimeMs(state),
    leavingDueAtUptimeMs(state),
    nextVisitorDueAtUptimeMs(state),
    state.watchedUntilUptimeMs,
    introductionDueAtUptimeMs(state),
    askAgainDueAtUptimeMs(state),
    // Decides nothing, but the keypad's page must show that the pause is over.
    pausedUntilUptimeMs > uptimeMs ? pausedUntilUptimeMs : null,
  ]
  return Math.min(...due.filter((atUptimeMs) => atUptimeMs !== null))
}

function decideEvent(state: DoorState, event: DoorEvent, context: EventContext): Decision {
  switch (event.kind) {
    case 'started':
      return followedBy(started(state, context), (next) =>
        endUnreadable(next, event.unreadable ?? []),
      )
    case 'stopping':
      return stopping(state, event.signal)
    case 'tick':
      return tick(state, context)
    case 'clock-confirmed':
      return clockConfirmed(state, event, context)
    case 'code-entered':
      return codeEntered(state, event, context)
    case 'unlock-requested':
      return unlock(state, { origin: event.origin, by: event.by, commandId: null }, context)
    case 'passcode-wanted':
      return passcodeWanted(state, event, context)
    case 'sheet-wanted': {
      const { by } = event
      return storeSheet(state, event, { origin: 'terminal', by, commandId: null })
    }
    case 'bell-pressed':
      return bellPressed(state, context)
    case 'exit-pressed':
      return exitPressed(state, context)
    case 'contact-changed':
      return contactChanged(state, event.open, context)
    case 'bond-changed':
      return bondChanged(state, event.holding)
    case 'motion':
      return motion(state, event.moving, context)
    case 'snapshot-uploaded': {
      const { kind: type, ...snapshot } = event
      return decision(state, { record: [{ type, ...snapshot }] })
    }
    case 'link-changed':
      return linkChanged(state, event.online, context)
    case 'command-arrived':
      return decideCommand(state, event.command, event.facts, context)
    case 'command-lost':
      return commandLost(state, context)
    case 'message-refused':
      return messageRefused(state, event)
    case 'lock-opened':
      return lockAcknowledged(state)
    case 'lock-failed':
      return lockFailed(state, event, context)
    default:
      return event satisfies never
  }
}

// ---------------------------------------------------------------- starting, stopping, time

function started(state: DoorState, context: EventContext): Decision {
  const pausedFor = pausedForMs(state.lockout, context.uptimeMs)
  const locked = decision(state, {
    record: [{ type: 'door-started', software: state.rules.software, pausedForMs: pausedFor }],
    effects: [{ kind: 'close-lock' }],
  })
  if (modeAt(state, context.uptimeMs) !== 'passage') return locked
  // No request opens it, so this is where the log says that it is open.
  return followedBy(
    followedBy(locked, (next) => holdOpen(next, context)),
    (open) => decision(open, { record: [selfDescription(open, context)] }),
  )
}

function stopping(state: DoorState, signal: string): Decision {
  const record: DoorBody[] = [{ type: 'door-stopped', signal }]
  if (state.openUntilUptimeMs !== null) record.unshift({ type: 'lock-closed', cause: 'stopping' })
  return decision(
    { ...state, openUntilUptimeMs: null, opening: null },
    { record, effects: [{ kind: 'close-lock' }] },
  )
}

/** The one timer: whatever was due by now happens, in the order in which it matters. */
const tick = (state: DoorState, context: EventContext): Decision =>
  [
    openingDue,
    relockDue,
    exitDue,
    heldOpenDue,
    bondDue,
    steadyDue,
    leavingDue,
    nextVisitorDue,
    watchDue,
    introductionDue,
    askAgainDue,
  ].reduce((done, due) => followedBy(done, (next) => due(next, context)), decision(state))

// ---------------------------------------------------------------- messages

/** Logged once per reason, so that a flood cannot fill the disk. All of them are counted. */
function messageRefused(
  state: DoorState,
  { reason, detail }: Extract<DoorEvent, { kind: 'message-refused' }>,
): Decision {
  if (state.reportedRefusals.includes(reason)) return decision(state)
  return decision(
    { ...state, reportedRefusals: [...state.reportedRefusals, reason] },
    { record: [{ type: 'message-refused', reason, detail }] },
  )
}

/**
 * Requests to unlock, to end a keypad pause or to watch the camera. A command of the cloud must be
 * fresh; after that, a request is judged alike wherever it comes from.
 */

import type { CloudMessage } from '../../../protocol/messages/cloud.ts'
import type { DoorBody, Origin, RequestRefusal } from '../../../protocol/messages/door.ts'
import { noWrongCodes } from '../credentials/lockout.ts'
import { type SheetFacts, storeSheet } from '../credentials/sheet.ts'
import { restMs } from '../lock/coil.ts'
import { opened } from '../lock/opening.ts'
import { setMode } from '../mode/changes.ts'
import { modeAt } from '../mode/mode.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'
import { freshness, withFresh, withNonce } from './freshness.ts'
import { type Decision, type DoorState, decision, type EventContext, settingsOf } from './state.ts'

export interface Request {
  readonly origin: Origin
  /** Who asks, for the log. */
  readonly by: string
  /** Null unless it came as a command of the cloud. */
  readonly commandId: string | null
}

export type FreshCommand = Extract<
  CloudMessage,
  { type: 'unlock' | 'lift-pause' | 'watch-live' | 'new-sheet' | 'set-mode' }
>

export function decideFreshCommand(
  before: DoorState,
  command: FreshCommand,
  { sheet }: { readonly sheet: SheetFacts | null },
  context: EventContext,
): Decision {
  const nowMs = earliestNowMs(before.time, context.uptimeMs)
  const reason = freshness(command, before.commands, nowMs, isConfirmed(before.time))
  const request: Request = { origin: 'cloud', by: command.by, commandId: command.id }
  // Also after `too-long-lived`: it must not work later, when its life has become short enough.
  const isSpent = reason === null || reason === 'too-long-lived'
  // What does not move the lock must not make an older `unlock` stale.
  const isAside = command.type === 'watch-live' || command.type === 'new-sheet'
  const spend = isAside ? withNonce : withFresh
  const commands = isSpent ? spend(before.commands, command, nowMs) : before.commands
  const state = { ...before, commands }
  if (reason) return refuseRequest(state, command.type, request, reason)
  switch (command.type) {
    case 'unlock':
      return unlock(state, request, context)
    case 'lift-pause':
      return decision(
        { ...state, lockout: noWrongCodes },
        { record: [{ type: 'keypad-resumed', ...request }] },
      )
    case 'watch-live':
      return watchLive(state, request, command.forMs, context)
    case 'set-mode':
      return setMode(state, command, request, context)
    case 'new-sheet':
      // One that was stored before may have been used, and forgotten since.
      return sheet && !sheet.isKnown
        ? storeSheet(state, sheet, request)
        : refuseRequest(state, 'new-sheet', request, 'repeated')
    default:
      return command satisfies never
  }
}

export function unlock(state: DoorState, request: Request, { uptimeMs }: EventContext): Decision {
  if (modeAt(state, uptimeMs) === 'locked') {
    return refuseRequest(state, 'unlock', request, 'door-locked')
  }
  const holdMs = settingsOf(state).unlockHoldMs
  // What is left may be too short to get in, and a remote order must not be carried out later.
  if (restMs(state, uptimeMs, holdMs) > 0) {
    return refuseRequest(state, 'unlock', request, 'lock-resting')
  }
  const { state: next, effect } = opened(state, uptimeMs, holdMs)
  const visitId = state.visits.visit?.visitId ?? null
  return decision(next, {
    record: [{ type: 'unlock-accepted', ...request, visitId, holdMs: effect.holdMs }],
    effects: [effect],
  })
}

const refuseRequest = (
  state: DoorState,
  request: Extract<DoorBody, { type: 'request-refused' }>['request'],
  { origin, by, commandId }: Request,
  reason: RequestRefusal,
): Decision =>
  decision(state, {
    record: [{ type: 'request-refused', origin, by, commandId, request, reason }],
  })

// ---------------------------------------------------------------- live view

/** The newest request counts, also when it is for less time than was left. */
function watchLive(
  state: DoorState,
  request: Request,
  forMs: number,
  { uptimeMs }: EventContext,
): Decision {
  if (!state.rules.hasLiveView) return refuseRequest(state, 'watch-live', request, 'not-supported')
  const watchedUntilUptimeMs = forMs > 0 ? uptimeMs + forMs : null
  return decision(
    { ...state, watchedUntilUptimeMs },
    {
      record: [{ type: 'live-watched', ...request, forMs }],
      effects: [{ kind: 'recording-wanted', untilUptimeMs: watchedUntilUptimeMs }],
    },
  )
}

/** The door's own timer ends it, so a connection that drops cannot leave the camera running. */
export function watchDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const { watchedUntilUptimeMs } = state
  if (watchedUntilUptimeMs === null || uptimeMs < watchedUntilUptimeMs) return decision(state)
  return decision(
    { ...state, watchedUntilUptimeMs: null },
    { effects: [{ kind: 'recording-wanted', untilUptimeMs: null }] },
  )
}

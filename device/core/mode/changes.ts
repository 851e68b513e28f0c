/** How the mode of the door changes: by a command, by the hours of the week, or because it ends. */
import type { CloudMessage } from '../../../protocol/messages/cloud.ts'
import type { DoorBody, DoorMode } from '../../../protocol/messages/door.ts'
import type { Request } from '../door/requests.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  followedBy,
} from '../door/state.ts'
import { holdOpen } from '../lock/opening.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'
import { isOver, modeAt, modeUntilMs } from './mode.ts'

export function setMode(
  before: DoorState,
  { mode, untilMs }: Pick<Extract<CloudMessage, { type: 'set-mode' }>, 'mode' | 'untilMs'>,
  request: Request,
  context: EventContext,
): Decision {
  const set = mode === 'normal' && untilMs === null ? null : { mode, untilMs }
  const wanted = { ...before, mode: { ...before.mode, set } }
  const inForce = modeAt(wanted, context.uptimeMs)
  const state = { ...wanted, mode: { set, inForce } }
  const record: DoorBody = { type: 'mode-set', ...request, mode, untilMs, inForce }
  return followedBy(decision(state, { record: [record] }), (next) => holdOpen(next, context))
}

/** Follows from every event: what applies now is written down when it differs from before. */
export function modeDue(before: DoorState, context: EventContext): Decision {
  const { uptimeMs } = context
  const { inForce: was, set } = before.mode
  const inForce = modeAt(before, uptimeMs)
  if (inForce === was && !isOver(before, uptimeMs)) return decision(before)
  // A clock that is set back later must not bring back what has ended.
  const kept = isOver(before, uptimeMs) ? null : set
  const state = { ...before, mode: { set: kept, inForce } }
  if (inForce === was) return decision(state)
  const record: DoorBody = {
    ...{ type: 'mode-changed', mode: inForce, untilMs: modeUntilMs(state, uptimeMs) },
    cause: causeOf(before, was, uptimeMs),
  }
  return followedBy(decision(state, { record: [record] }), (next) => holdOpen(next, context))
}

function causeOf(
  state: DoorState,
  was: DoorMode,
  uptimeMs: number,
): Extract<DoorBody, { type: 'mode-changed' }>['cause'] {
  if (state.rules.mode !== 'normal' || was === 'locked') return 'config'
  if (isOver(state, uptimeMs)) return 'ended'
  return isConfirmed(state.time) ? 'hours' : 'clock-unknown'
}

/** The hours of the week apply within a minute, with the next tick. */
export function modeDueAtUptimeMs(state: DoorState, uptimeMs: number): number | null {
  const { set } = state.mode
  if (set === null || set.untilMs === null) return null
  return uptimeMs + Math.max(0, set.untilMs - earliestNowMs(state.time, uptimeMs))
}

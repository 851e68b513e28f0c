/**
 * Which mode the door is in: as the config file says, else as members set it, else by the hours of the
 * week. While the time is unknown, hours and ends do not apply, and nothing that ends holds the lock open.
 */
import type { DoorMode } from '../../../protocol/messages/door.ts'
import { isWithinHours } from '../credentials/hours.ts'
import { type DoorState, settingsOf } from '../door/state.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'

export function modeAt(state: DoorState, uptimeMs: number): DoorMode {
  const { rules, time, mode } = state
  if (rules.mode !== 'normal') return rules.mode
  const set = isOver(state, uptimeMs) ? null : mode.set
  if (!isConfirmed(time)) {
    return set?.mode === 'passage' && set.untilMs !== null ? 'normal' : (set?.mode ?? 'normal')
  }
  return set?.mode ?? modeOfWeek(state, uptimeMs)
}

/** Surely: the time is at least the earliest possible. */
export function isOver({ mode: { set }, time }: DoorState, uptimeMs: number): boolean {
  return set !== null && set.untilMs !== null && earliestNowMs(time, uptimeMs) >= set.untilMs
}

function modeOfWeek(state: DoorState, uptimeMs: number): DoorMode {
  const { modeHours = [], timeZone } = settingsOf(state)
  const nowMs = earliestNowMs(state.time, uptimeMs)
  const found = modeHours.find((hours) => isWithinHours({ weeklyHours: [hours] }, nowMs, timeZone))
  return found?.mode ?? 'normal'
}

/** Null: it has no end, or follows the hours of the week. */
export const modeUntilMs = (state: DoorState, uptimeMs: number): number | null =>
  state.rules.mode === 'normal' && !isOver(state, uptimeMs)
    ? (state.mode.set?.untilMs ?? null)
    : null

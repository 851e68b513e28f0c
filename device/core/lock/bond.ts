/**
 * What a lock says about itself: whether it holds. Once it should and does not for a while, that is
 * an alarm; before, it is somebody who has not pulled the door to yet.
 */
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  settingsOf,
} from '../door/state.ts'

/** A bolt or an armature needs a moment to find its place. */
const settleMs = 5_000

export const bondChanged = (state: DoorState, holding: boolean): Decision =>
  decision({ ...state, bond: { ...state.bond, is: holding ? 'holding' : 'released' } })

/** After every event, as lock, leaf and bond all have to do with it. */
export function watchingBond(state: DoorState, uptimeMs: number): DoorState {
  const { bond, openUntilUptimeMs, contact } = state
  const misses = bond.is === 'released' && openUntilUptimeMs === null && contact.is !== 'open'
  if (misses === (bond.missedSinceUptimeMs !== null)) return state
  return { ...state, bond: { ...bond, missedSinceUptimeMs: misses ? uptimeMs : null, told: false } }
}

export function bondDueAtUptimeMs(state: DoorState): number | null {
  const { missedSinceUptimeMs, told } = state.bond
  return missedSinceUptimeMs === null || told ? null : missedSinceUptimeMs + patienceMs(state)
}

/** Without a door contact, nothing else tells that somebody is still in the door. */
const patienceMs = (state: DoorState): number =>
  state.contact.is === 'unknown' ? settingsOf(state).heldOpenAfterMs : settleMs

export function bondDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const dueAtUptimeMs = bondDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs) return decision(state)
  return decision(
    { ...state, bond: { ...state.bond, told: true } },
    { record: [{ type: 'lock-failed', action: 'close', detail: 'it says that it does not hold' }] },
  )
}

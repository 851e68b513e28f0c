/**
 * What a lock says about itself: whether it holds. Once it should and does not for a while, that is
 * an alarm; before, it is somebody who has not pulled the door to yet.
 */
import { type Decision, type DoorState, decision, type Moment, settingsOf } from '../door/state.ts'

/** A bolt or an armature needs a moment to find its place. */
const settleMs = 5_000

export const bondChanged = (state: DoorState, holding: boolean): Decision =>
  decision({ ...state, bond: { ...state.bond, is: holding ? 'holding' : 'released' } })

/** After every event, as lock, leaf and bond all have to do with it. */
export function watchingBond(state: DoorState, runMs: number): DoorState {
  const { bond, openUntilRunMs, contact } = state
  const misses = bond.is === 'released' && openUntilRunMs === null && contact.is !== 'open'
  if (misses === (bond.missedSinceRunMs !== null)) return state
  return { ...state, bond: { ...bond, missedSinceRunMs: misses ? runMs : null, told: false } }
}

export function bondDueAtRunMs(state: DoorState): number | null {
  const { missedSinceRunMs, told } = state.bond
  return missedSinceRunMs === null || told ? null : missedSinceRunMs + patienceMs(state)
}

/** Without a door contact, nothing else tells that somebody is still in the door. */
const patienceMs = (state: DoorState): number =>
  state.contact.is === 'unknown' ? settingsOf(state).heldOpenAfterMs : settleMs

export function bondDue(state: DoorState, { runMs }: Moment): Decision {
  const dueAtRunMs = bondDueAtRunMs(state)
  if (dueAtRunMs === null || runMs < dueAtRunMs) return decision(state)
  return decision(
    { ...state, bond: { ...state.bond, told: true } },
    { record: [{ type: 'lock-failed', action: 'close', detail: 'it says that it does not hold' }] },
  )
}

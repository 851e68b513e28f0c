/**
 * The bond sensor: whether the lock holds. If it should and does not for a while, that is an alarm;
 * before that, the door may just not be shut yet.
 */
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  settingsOf,
} from '../door/state.ts'
import { confirmed } from './answer.ts'

/** A bolt or an armature needs time to settle. */
const settleMs = 5_000

export function bondChanged(before: DoorState, holding: boolean): Decision {
  const bond = { ...before.bond, is: holding ? 'holding' : 'released' } as const
  const state = { ...before, bond }
  return holding ? decision(state) : confirmed(state)
}

/** After every event, because lock, contact and bond sensor all matter. */
export function watchingBond(state: DoorState, uptimeMs: number): DoorState {
  const { bond, openUntilUptimeMs, contact } = state
  const misses = bond.is === 'released' && openUntilUptimeMs === null && contact.is !== 'open'
  if (misses === (bond.missedSinceUptimeMs !== null)) return state
  return {
    ...state,
    bond: { ...bond, missedSinceUptimeMs: misses ? uptimeMs : null, reported: false },
  }
}

export function bondDueAtUptimeMs(state: DoorState): number | null {
  const { missedSinceUptimeMs, reported } = state.bond
  return missedSinceUptimeMs === null || reported ? null : missedSinceUptimeMs + patienceMs(state)
}

/** Without a door contact, the door may be open for as long as it is allowed to be. */
const patienceMs = (state: DoorState): number =>
  state.contact.is === 'unknown' ? settingsOf(state).heldOpenAfterMs : settleMs

export function bondDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const dueAtUptimeMs = bondDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs) return decision(state)
  return decision(
    { ...state, bond: { ...state.bond, reported: true } },
    {
      record: [
        {
          type: 'lock-failed',
          action: 'close',
          detail: 'the bond sensor says that it does not hold',
        },
      ],
    },
  )
}

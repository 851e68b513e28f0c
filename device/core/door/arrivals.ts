/** Opens a visit when someone is noticed at the door, and ends it when no one was seen for a while. */
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'
import { endVisit, startVisit, type VisitCause } from './visit.ts'

/** A bell that is held down rings once in this time. */
const bellEveryMs = 3_000

export function visitorSeen(
  state: DoorState,
  cause: VisitCause,
  { uptimeMs, id }: EventContext,
): Decision {
  const { visits, record } = startVisit(state.visits, cause, id, uptimeMs)
  const attention = { ...state.attention, lastSeenUptimeMs: uptimeMs }
  return decision({ ...state, visits, attention }, { record })
}

export function motion(state: DoorState, moving: boolean, context: EventContext): Decision {
  return followedBy(moving ? visitorSeen(state, 'motion', context) : decision(state), (next) =>
    decision({ ...next, attention: { moving, lastSeenUptimeMs: context.uptimeMs } }),
  )
}

export function bellPressed(state: DoorState, context: EventContext): Decision {
  const { uptimeMs } = context
  if (state.lastBellUptimeMs !== null && uptimeMs < state.lastBellUptimeMs + bellEveryMs) {
    return decision(state)
  }
  return followedBy(visitorSeen(state, 'bell', context), (next) => {
    const { visit } = next.visits
    return decision(
      { ...next, lastBellUptimeMs: uptimeMs },
      { record: visit ? [{ type: 'bell-rung', visitId: visit.visitId }] : [] },
    )
  })
}

export function leavingDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const dueAtUptimeMs = leavingDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs) return decision(state)
  const { visits, record } = endVisit(state.visits, uptimeMs)
  return decision({ ...state, visits }, { record })
}

export const leavingDueAtUptimeMs = ({ visits, attention, rules }: DoorState): number | null =>
  visits.visit && !attention.moving ? attention.lastSeenUptimeMs + rules.leftAfterMs : null

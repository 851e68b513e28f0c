/** Opens a visit when someone is noticed at the door, and ends it when no one was seen for a while. */
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'
import { endVisit, startVisit, type VisitCause } from './visit.ts'

/** A bell that is held down rings once in this time. */
const bellEveryMs = 3_000
/** A branch can move all day, so a person who rings later is another visitor. */
const longestVisitMs = 10 * 60_000
/** So long after an entry, motion may be the visitor who goes in, or the door behind them. */
const goingInMs = 10_000

export function visitorSeen(before: DoorState, cause: VisitCause, context: EventContext): Decision {
  const { uptimeMs, id } = context
  return followedBy(leavingDue(before, context), (state) => {
    const { visits, record } = startVisit(state.visits, cause, id, uptimeMs)
    const attention = { ...state.attention, lastSeenUptimeMs: uptimeMs }
    return decision({ ...state, visits, attention, enteredAtUptimeMs: null }, { record })
  })
}

export function motion(state: DoorState, moving: boolean, context: EventContext): Decision {
  const { uptimeMs } = context
  const { enteredAtUptimeMs } = state
  const isGoingIn = enteredAtUptimeMs !== null && uptimeMs < enteredAtUptimeMs + goingInMs
  const isSeen = moving && !isGoingIn
  return followedBy(isSeen ? visitorSeen(state, 'motion', context) : decision(state), (next) =>
    decision({ ...next, attention: { moving, lastSeenUptimeMs: uptimeMs } }),
  )
}

/** Motion that began after an entry and goes on: someone else has come. */
export function nextVisitorDue(state: DoorState, context: EventContext): Decision {
  const dueAtUptimeMs = nextVisitorDueAtUptimeMs(state)
  return dueAtUptimeMs === null || context.uptimeMs < dueAtUptimeMs
    ? decision(state)
    : visitorSeen(state, 'motion', context)
}

export function nextVisitorDueAtUptimeMs({
  attention,
  enteredAtUptimeMs,
}: DoorState): number | null {
  if (enteredAtUptimeMs === null || !attention.moving) return null
  return attention.lastSeenUptimeMs > enteredAtUptimeMs ? enteredAtUptimeMs + goingInMs : null
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

export function leavingDueAtUptimeMs({ visits, attention, rules }: DoorState): number | null {
  if (!visits.visit) return null
  const longestUptimeMs = visits.visit.startedUptimeMs + longestVisitMs
  return attention.moving
    ? longestUptimeMs
    : Math.min(longestUptimeMs, attention.lastSeenUptimeMs + rules.leftAfterMs)
}

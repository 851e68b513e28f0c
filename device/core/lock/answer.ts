/**
 * What the lock did with an order to open. Visitors whose code was accepted wait for it: they are
 * asked in when the lock reports that it opened or, where a bond sensor exists, when the sensor does.
 */
import { visitorSeen } from '../door/arrivals.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type Effect,
  type EventContext,
  followedBy,
  type Opening,
} from '../door/state.ts'

export interface LockFailure {
  readonly action: 'open' | 'close'
  readonly detail: string
  /** False: the last order failed in the same way. */
  readonly isNew: boolean
}

/** Longer than a lock and its sensor take, and short enough for a visitor to wait. */
const answerWithinMs = 1_000

/** For an order that ends at `untilUptimeMs`. Visitors who still wait go on waiting. */
export const ordered = (state: DoorState, uptimeMs: number, untilUptimeMs: number): Opening => ({
  dueAtUptimeMs: Math.min(uptimeMs + answerWithinMs, untilUptimeMs),
  acknowledged: false,
  isReported: state.opening?.isReported ?? false,
  wasOpen: isOpen(state),
  answers: state.opening?.answers ?? [],
})

/** The visitor is answered once the lock has opened, or has not. */
export const awaited = (state: DoorState, answer: Opening['answers'][number]): DoorState => ({
  ...state,
  opening: state.opening && { ...state.opening, answers: [...state.opening.answers, answer] },
})

/** Whether the lock is open as far as the door knows. */
export const isOpen = ({ openUntilUptimeMs, opening }: DoorState): boolean =>
  openUntilUptimeMs !== null && (opening === null || opening.wasOpen)

export function lockAcknowledged(state: DoorState): Decision {
  const { opening, bond } = state
  if (!opening) return decision(state)
  // The lock carried out the order, but its sensor knows better whether it opened.
  if (bond.is !== 'holding') return confirmed(state)
  return decision({ ...state, opening: { ...opening, acknowledged: true } })
}

/** The lock or a sensor shows that the door can be opened. */
export function confirmed(state: DoorState): Decision {
  const answers = state.opening?.answers ?? []
  const effects = answers.map((each): Effect => ({ kind: 'answer-code', ...each }))
  return decision({ ...state, opening: null }, { effects })
}

export function lockFailed(
  state: DoorState,
  { action, detail, isNew }: LockFailure,
  context: EventContext,
): Decision {
  if (action === 'open') return notOpened(state, detail, isNew, context)
  return decision(state, { record: isNew ? [{ type: 'lock-failed', action, detail }] : [] })
}

export const openingDueAtUptimeMs = ({ opening }: DoorState): number | null =>
  opening?.dueAtUptimeMs ?? null

export function openingDue(state: DoorState, context: EventContext): Decision {
  const dueAtUptimeMs = openingDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || context.uptimeMs < dueAtUptimeMs) return decision(state)
  const detail = state.opening?.acknowledged
    ? 'the bond sensor says that it still holds'
    : 'the lock did not answer in time'
  return notOpened(state, detail, !state.opening?.isReported, context)
}

/**
 * The lock stays switched on until its time is over: it may open late, and a broken sensor must not
 * keep people inside.
 */
function notOpened(
  before: DoorState,
  detail: string,
  isNew: boolean,
  context: EventContext,
): Decision {
  const answers = before.opening?.answers ?? []
  const opening: Opening = {
    dueAtUptimeMs: null,
    acknowledged: false,
    isReported: true,
    wasOpen: false,
    answers: [],
  }
  const state = { ...before, opening: before.opening && opening }
  if (answers.length === 0) {
    const record = isNew ? [{ type: 'lock-failed', action: 'open', detail } as const] : []
    return decision(state, { record })
  }
  const failed = decision(state, {
    // Always, because the visitor reads that the owner is notified.
    record: [{ type: 'lock-failed', action: 'open', detail }],
    effects: answers.map(({ to, answer: { language } }) => ({
      kind: 'answer-code',
      to,
      answer: { outcome: 'not-opened', language },
    })),
  })
  // The visitor is still outside. The code is used, and another is sent only in another visit.
  return followedBy(failed, (next) => visitorSeen(next, 'keypad', context))
}

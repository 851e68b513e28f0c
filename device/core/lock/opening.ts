/** The lock and the leaf: how long it stays open, and whether it was opened rightly. */
import type { DoorBody } from '../../../protocol/messages.ts'
import { type Decision, type DoorState, decision, type Moment, settingsOf } from '../door/state.ts'

/** The bolt must not come back while the door's edge is still in front of it. */
const relockAfterOpeningMs = 500

/** Opens the lock, or holds it open for longer; never for shorter than somebody was promised. */
export function opened(
  state: DoorState,
  runMs: number,
  holdMs: number,
): { readonly state: DoorState; readonly effect: { kind: 'open-lock'; holdMs: number } } {
  const untilRunMs = Math.max(state.openUntilRunMs ?? 0, runMs + holdMs)
  return {
    state: {
      ...state,
      openUntilRunMs: untilRunMs,
      openingAllowedUntilRunMs: untilRunMs + state.rules.openingGraceMs,
    },
    effect: { kind: 'open-lock', holdMs: untilRunMs - runMs },
  }
}

/**
 * A lock that is held open is opened for a moment again and again, so that a daemon that hangs or
 * dies takes the opening with it as it does every other.
 */
const heldForMs = 10_000
const heldAgainMs = 5_000

export function holdOpen(state: DoorState, { runMs }: Moment): Decision {
  if (state.rules.mode !== 'unlocked') return decision(state)
  const { state: next, effect } = opened(state, runMs, heldForMs)
  return decision(next, { effects: [effect] })
}

export function relockDueAtRunMs({ rules, openUntilRunMs }: DoorState): number | null {
  if (openUntilRunMs === null || rules.mode !== 'unlocked') return openUntilRunMs
  return openUntilRunMs - heldAgainMs
}

export function relockDue(state: DoorState, { runMs, id }: Moment): Decision {
  const dueAtRunMs = relockDueAtRunMs(state)
  if (dueAtRunMs === null || runMs < dueAtRunMs) return decision(state)
  if (state.rules.mode === 'unlocked') return holdOpen(state, { runMs, id })
  return decision(
    { ...state, openUntilRunMs: null },
    {
      record: [{ type: 'lock-closed', cause: 'hold-over' }],
      effects: [{ kind: 'close-lock' }],
    },
  )
}

/** From inside, always: nobody may be kept in, whatever else is wrong. */
export function exitPressed(state: DoorState, { runMs }: Moment): Decision {
  if (!state.rules.exitUnlocks) return leaves(state, runMs)
  const { state: next, effect } = opened(state, runMs, state.rules.exitHoldMs)
  return decision(next, {
    record: [{ type: 'exit-used', holdMs: effect.holdMs }],
    effects: [effect],
  })
}

/** The leaf may be opened, by its handle, although the lock is not. */
function leaves(state: DoorState, runMs: number): Decision {
  const { exitHoldMs, openingGraceMs } = state.rules
  const untilRunMs = Math.max(state.openingAllowedUntilRunMs, runMs + exitHoldMs + openingGraceMs)
  return decision(
    { ...state, openingAllowedUntilRunMs: untilRunMs },
    { record: [{ type: 'exit-used', holdMs: 0 }] },
  )
}

export function contactChanged(state: DoorState, open: boolean, { runMs }: Moment): Decision {
  const { contact } = state
  if (open === (contact.is === 'open')) {
    return decision(contact.is === 'unknown' ? { ...state, contact: { is: 'closed' } } : state)
  }
  if (contact.is === 'open') {
    return decision(
      { ...state, contact: { is: 'closed' } },
      { record: [{ type: 'door-closed', openForMs: runMs - contact.sinceRunMs }] },
    )
  }
  return decision(
    {
      ...state,
      contact: { is: 'open', sinceRunMs: runMs, told: false },
      openUntilRunMs: openUntilAfterOpening(state, runMs),
    },
    { record: [wasForced(state, runMs) ? { type: 'door-forced' } : { type: 'door-opened' }] },
  )
}

/** The one who was let in is through, so the next one is not let in with them. */
function openUntilAfterOpening({ openUntilRunMs, rules }: DoorState, runMs: number): number | null {
  if (openUntilRunMs === null || !rules.relockOnOpen) return openUntilRunMs
  return Math.min(openUntilRunMs, runMs + relockAfterOpeningMs)
}

/** A leaf that already stood open when the door started tells nothing about how it was opened. */
const wasForced = (state: DoorState, runMs: number): boolean =>
  state.contact.is === 'closed' && runMs >= state.openingAllowedUntilRunMs

export function heldOpenDue(state: DoorState, { runMs }: Moment): Decision {
  const dueAtRunMs = heldOpenDueAtRunMs(state)
  if (dueAtRunMs === null || runMs < dueAtRunMs || state.contact.is !== 'open') {
    return decision(state)
  }
  const record: DoorBody[] = [
    { type: 'door-held-open', openForMs: runMs - state.contact.sinceRunMs },
  ]
  return decision({ ...state, contact: { ...state.contact, told: true } }, { record })
}

export const heldOpenDueAtRunMs = (state: DoorState): number | null =>
  state.contact.is === 'open' && !state.contact.told
    ? state.contact.sinceRunMs + settingsOf(state).heldOpenAfterMs
    : null

/** The lock and the leaf: how long it stays open, and whether it was opened rightly. */
import type { DoorBody } from '../../../protocol/messages/door.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  settingsOf,
} from '../door/state.ts'

/** The bolt must not come back while the door's edge is still in front of it. */
const relockAfterOpeningMs = 500

/** Opens the lock, or holds it open for longer; never for shorter than somebody was promised. */
export function opened(
  state: DoorState,
  uptimeMs: number,
  holdMs: number,
): { readonly state: DoorState; readonly effect: { kind: 'open-lock'; holdMs: number } } {
  const untilUptimeMs = Math.max(state.openUntilUptimeMs ?? 0, uptimeMs + holdMs)
  return {
    state: {
      ...state,
      openUntilUptimeMs: untilUptimeMs,
      openingAllowedUntilUptimeMs: untilUptimeMs + state.rules.openingGraceMs,
    },
    effect: { kind: 'open-lock', holdMs: untilUptimeMs - uptimeMs },
  }
}

/**
 * A lock that is held open is opened for a moment again and again, so that a daemon that hangs or
 * dies takes the opening with it as it does every other.
 */
const heldForMs = 10_000
const heldAgainMs = 5_000

export function holdOpen(state: DoorState, { uptimeMs }: EventContext): Decision {
  if (state.rules.mode !== 'unlocked') return decision(state)
  const { state: next, effect } = opened(state, uptimeMs, heldForMs)
  return decision(next, { effects: [effect] })
}

export function relockDueAtUptimeMs({ rules, openUntilUptimeMs }: DoorState): number | null {
  if (openUntilUptimeMs === null || rules.mode !== 'unlocked') return openUntilUptimeMs
  return openUntilUptimeMs - heldAgainMs
}

export function relockDue(state: DoorState, { uptimeMs, id }: EventContext): Decision {
  const dueAtUptimeMs = relockDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs) return decision(state)
  if (state.rules.mode === 'unlocked') return holdOpen(state, { uptimeMs, id })
  return decision(
    { ...state, openUntilUptimeMs: null },
    {
      record: [{ type: 'lock-closed', cause: 'hold-over' }],
      effects: [{ kind: 'close-lock' }],
    },
  )
}

/** From inside, always: nobody may be kept in, whatever else is wrong. */
export function exitPressed(state: DoorState, { uptimeMs }: EventContext): Decision {
  if (!state.rules.exitUnlocks) return leaves(state, uptimeMs)
  const { state: next, effect } = opened(state, uptimeMs, state.rules.exitHoldMs)
  return decision(next, {
    record: [{ type: 'exit-used', holdMs: effect.holdMs }],
    effects: [effect],
  })
}

/** The leaf may be opened, by its handle, although the lock is not. */
function leaves(state: DoorState, uptimeMs: number): Decision {
  const { exitHoldMs, openingGraceMs } = state.rules
  const untilUptimeMs = Math.max(
    state.openingAllowedUntilUptimeMs,
    uptimeMs + exitHoldMs + openingGraceMs,
  )
  return decision(
    { ...state, openingAllowedUntilUptimeMs: untilUptimeMs },
    { record: [{ type: 'exit-used', holdMs: 0 }] },
  )
}

export function contactChanged(
  state: DoorState,
  open: boolean,
  { uptimeMs }: EventContext,
): Decision {
  const { contact } = state
  if (open === (contact.is === 'open')) {
    return decision(contact.is === 'unknown' ? { ...state, contact: { is: 'closed' } } : state)
  }
  if (contact.is === 'open') {
    return decision(
      { ...state, contact: { is: 'closed' } },
      { record: [{ type: 'door-closed', openForMs: uptimeMs - contact.sinceUptimeMs }] },
    )
  }
  return decision(
    {
      ...state,
      contact: { is: 'open', sinceUptimeMs: uptimeMs, told: false },
      openUntilUptimeMs: openUntilAfterOpening(state, uptimeMs),
    },
    { record: [wasForced(state, uptimeMs) ? { type: 'door-forced' } : { type: 'door-opened' }] },
  )
}

/** The one who was let in is through, so the next one is not let in with them. */
function openUntilAfterOpening(
  { openUntilUptimeMs, rules }: DoorState,
  uptimeMs: number,
): number | null {
  if (openUntilUptimeMs === null || !rules.relockOnOpen) return openUntilUptimeMs
  return Math.min(openUntilUptimeMs, uptimeMs + relockAfterOpeningMs)
}

/** A leaf that already stood open when the door started tells nothing about how it was opened. */
const wasForced = (state: DoorState, uptimeMs: number): boolean =>
  state.contact.is === 'closed' && uptimeMs >= state.openingAllowedUntilUptimeMs

export function heldOpenDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const dueAtUptimeMs = heldOpenDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs || state.contact.is !== 'open') {
    return decision(state)
  }
  const record: DoorBody[] = [
    { type: 'door-held-open', openForMs: uptimeMs - state.contact.sinceUptimeMs },
  ]
  return decision({ ...state, contact: { ...state.contact, told: true } }, { record })
}

export const heldOpenDueAtUptimeMs = (state: DoorState): number | null =>
  state.contact.is === 'open' && !state.contact.told
    ? state.contact.sinceUptimeMs + settingsOf(state).heldOpenAfterMs
    : null

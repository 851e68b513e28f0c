/** How long the lock stays open, and whether the door was opened or forced. */

import type { DoorBody } from '../../../protocol/messages/door.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  followedBy,
  settingsOf,
} from '../door/state.ts'
import { modeAt } from '../mode/mode.ts'
import { confirmed, ordered } from './answer.ts'
import { allowedMs, heatAt, restMs } from './coil.ts'

/** The bolt must not come back while the door's edge is in front of it. */
const relockAfterOpeningMs = 500

/**
 * Opens the lock, or holds it open for longer, as far as its coil allows. An earlier, longer opening
 * is not cut short.
 */
export function opened(
  state: DoorState,
  uptimeMs: number,
  holdMs: number,
): { readonly state: DoorState; readonly effect: { kind: 'open-lock'; holdMs: number } } {
  const forMs = Math.min(holdMs, allowedMs(state, uptimeMs))
  const untilUptimeMs = Math.max(state.openUntilUptimeMs ?? 0, uptimeMs + forMs)
  return {
    state: {
      ...state,
      openUntilUptimeMs: untilUptimeMs,
      heat: heatAt(state, uptimeMs),
      opening: ordered(state, uptimeMs, untilUptimeMs),
      openingAllowedUntilUptimeMs: untilUptimeMs + state.rules.openingGraceMs,
    },
    effect: { kind: 'open-lock', holdMs: untilUptimeMs - uptimeMs },
  }
}

/**
 * In passage mode the lock is opened for a short time again and again, so that it closes when the
 * daemon hangs or dies.
 */
const heldForMs = 10_000
const heldAgainMs = 5_000

export function holdOpen(state: DoorState, { uptimeMs }: EventContext): Decision {
  if (modeAt(state, uptimeMs) !== 'passage') return decision(state)
  const { state: next, effect } = opened(state, uptimeMs, heldForMs)
  return decision(next, { effects: [effect] })
}

export function relockDueAtUptimeMs(state: DoorState, uptimeMs: number): number | null {
  const { openUntilUptimeMs } = state
  const isHeld = openUntilUptimeMs !== null && modeAt(state, uptimeMs) === 'passage'
  if (!isHeld) return openUntilUptimeMs
  return openUntilUptimeMs - heldAgainMs
}

export function relockDue(state: DoorState, { uptimeMs, id }: EventContext): Decision {
  const dueAtUptimeMs = relockDueAtUptimeMs(state, uptimeMs)
  if (dueAtUptimeMs === null || uptimeMs < dueAtUptimeMs) return decision(state)
  if (modeAt(state, uptimeMs) === 'passage') return holdOpen(state, { uptimeMs, id })
  return decision(
    { ...state, openUntilUptimeMs: null, opening: null, heat: heatAt(state, uptimeMs) },
    {
      record: [{ type: 'lock-closed', cause: 'hold-over' }],
      effects: [{ kind: 'close-lock' }],
    },
  )
}

/** In every mode and whatever else is wrong: people can always leave. */
export function exitPressed(state: DoorState, { uptimeMs }: EventContext): Decision {
  if (!state.rules.exitUnlocks) return openedByHandle(state, uptimeMs)
  const waitMs = restMs(state, uptimeMs, state.rules.exitHoldMs)
  if (waitMs === 0) return openForExit(state, uptimeMs)
  // What is left of an opening may be too short to get through, so another follows.
  return decision(
    { ...state, exitDueAtUptimeMs: uptimeMs + waitMs },
    { record: [{ type: 'exit-used', origin: 'exit-button', holdMs: 0 }] },
  )
}

export function exitDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const { exitDueAtUptimeMs } = state
  if (exitDueAtUptimeMs === null || uptimeMs < exitDueAtUptimeMs) return decision(state)
  return openForExit(state, uptimeMs)
}

function openForExit(before: DoorState, uptimeMs: number): Decision {
  const { state, effect } = opened(before, uptimeMs, before.rules.exitHoldMs)
  return decision(
    { ...state, exitDueAtUptimeMs: null },
    {
      record: [{ type: 'exit-used', origin: 'exit-button', holdMs: effect.holdMs }],
      effects: [effect],
    },
  )
}

/** The handle opens the door although the lock is closed, which is not a forced entry. */
function openedByHandle(state: DoorState, uptimeMs: number): Decision {
  const { exitHoldMs, openingGraceMs } = state.rules
  const untilUptimeMs = Math.max(
    state.openingAllowedUntilUptimeMs,
    uptimeMs + exitHoldMs + openingGraceMs,
  )
  return decision(
    { ...state, openingAllowedUntilUptimeMs: untilUptimeMs },
    { record: [{ type: 'exit-used', origin: 'exit-button', holdMs: 0 }] },
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
  const record: DoorBody[] = [{ type: wasForced(state, uptimeMs) ? 'door-forced' : 'door-opened' }]
  const next: DoorState = {
    ...state,
    contact: { is: 'open', sinceUptimeMs: uptimeMs, reported: false },
    openUntilUptimeMs: openUntilAfterOpening(state, uptimeMs),
  }
  return followedBy(decision(next, { record }), confirmed)
}

/** The visitor is through, so the lock need not stay open for the next one. */
function openUntilAfterOpening(
  { openUntilUptimeMs, rules }: DoorState,
  uptimeMs: number,
): number | null {
  if (openUntilUptimeMs === null || !rules.relockOnOpen) return openUntilUptimeMs
  return Math.min(openUntilUptimeMs, uptimeMs + relockAfterOpeningMs)
}

/** How a door was opened that was open when the daemon started is unknown. */
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
  return decision({ ...state, contact: { ...state.contact, reported: true } }, { record })
}

export const heldOpenDueAtUptimeMs = (state: DoorState): number | null =>
  state.contact.is === 'open' && !state.contact.reported
    ? state.contact.sinceUptimeMs + settingsOf(state).heldOpenAfterMs
    : null

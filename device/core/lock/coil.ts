/**
 * The rest that a strike's coil needs. Heat is counted in milliseconds: it rises while the coil is
 * on, and falls as fast while it is off. An opening that would make it too hot comes after a rest.
 */
import type { DoorState } from '../door/state.ts'

export interface CoilHeat {
  readonly ms: number
  readonly atUptimeMs: number
}

export const coldCoil: StoredHeat = { ms: 0, atUptimeMs: 0, openUntilUptimeMs: null }

/** To be stored whenever the lock opens or closes. */
export function heatAt({ heat, openUntilUptimeMs }: DoorState, uptimeMs: number): CoilHeat {
  const forMs = uptimeMs - heat.atUptimeMs
  const ms = openUntilUptimeMs === null ? Math.max(0, heat.ms - forMs) : heat.ms + forMs
  return { ms, atUptimeMs: uptimeMs }
}

/** Survives a restart. */
export interface StoredHeat extends CoilHeat {
  readonly openUntilUptimeMs: number | null
}

export const heatToStore = ({ heat, openUntilUptimeMs }: DoorState): StoredHeat => ({
  ...heat,
  openUntilUptimeMs,
})

/** The coil may have been on until now, as nothing says when the daemon ended. */
export function heatAfterStart(
  { ms, atUptimeMs, openUntilUptimeMs }: StoredHeat,
  uptimeMs: number,
): CoilHeat {
  const endUptimeMs = Math.min(openUntilUptimeMs ?? atUptimeMs, uptimeMs)
  return { ms: ms + Math.max(0, endUptimeMs - atUptimeMs), atUptimeMs: endUptimeMs }
}

/** How long the coil may be on from now. */
export const allowedMs = (state: DoorState, uptimeMs: number): number =>
  Math.max(0, longestMs(state) - heatAt(state, uptimeMs).ms)

/** After this time the lock can be open for all of `holdMs`. */
export function restMs(state: DoorState, uptimeMs: number, holdMs: number): number {
  const neededMs = Math.min(holdMs, longestMs(state))
  if (neededMs <= allowedMs(state, uptimeMs)) return 0
  const stillOnMs = Math.max(0, (state.openUntilUptimeMs ?? uptimeMs) - uptimeMs)
  return 2 * stillOnMs + neededMs - allowedMs(state, uptimeMs)
}

const longestMs = ({ rules }: DoorState): number => rules.coilMaxOnMs ?? Number.POSITIVE_INFINITY

/** Who is at the door: one person from first sight until they leave is one visit. */
import type { DoorBody, VisitStatus } from '../../../protocol/messages.ts'

export interface Visit {
  readonly visitId: string
  /** Short enough to be read aloud over the phone. */
  readonly number: number
  readonly status: 'here' | 'entered' | VisitStatus
  readonly startedRunMs: number
}

/** Kept across restarts, so that a visitor who waits stays the same visitor. */
export interface Presence {
  readonly lastNumber: number
  readonly visit: Visit | null
}

export const nobodyYet: Presence = { lastNumber: 0, visit: null }

type Cause = Extract<DoorBody, { type: 'presence-started' }>['cause']

/** Somebody showed themselves: opens a visit, unless one is open already. */
export function seen(
  presence: Presence,
  cause: Cause,
  visitId: string,
  runMs: number,
): { readonly presence: Presence; readonly visit: Visit; readonly record: readonly DoorBody[] } {
  if (presence.visit) return { presence, visit: presence.visit, record: [] }
  const number = (presence.lastNumber % 999) + 1
  const visit: Visit = { visitId, number, status: 'here', startedRunMs: runMs }
  return {
    presence: { lastNumber: number, visit },
    visit,
    record: [{ type: 'presence-started', visitId, visitNumber: number, cause }],
  }
}

export function left(
  presence: Presence,
  runMs: number,
): { readonly presence: Presence; readonly record: readonly DoorBody[] } {
  const { visit } = presence
  if (!visit) return { presence, record: [] }
  const lastedMs = Math.max(0, runMs - visit.startedRunMs)
  return {
    presence: { ...presence, visit: null },
    record: [{ type: 'presence-ended', visitId: visit.visitId, lastedMs }],
  }
}

/** News about a visit that is over changes nothing. */
export function withStatus(presence: Presence, visitId: string, status: Visit['status']): Presence {
  const { visit } = presence
  if (visit?.visitId !== visitId || visit.status === status) return presence
  // News of a text that overtook nobody: its reader has already gone in.
  if (visit.status === 'entered' && status === 'code-sent') return presence
  return { ...presence, visit: { ...visit, status } }
}

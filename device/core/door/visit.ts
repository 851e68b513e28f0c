/** Who is at the door: one person from first sight until they leave is one visit. */
import type { VisitStatus } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'

export interface Visit {
  readonly visitId: string
  /** Short enough to be read aloud over the phone. */
  readonly number: number
  readonly status: 'here' | 'entered' | VisitStatus
  readonly startedUptimeMs: number
}

/** Kept across restarts, so that a visitor who waits stays the same visitor. */
export interface Visits {
  readonly lastNumber: number
  readonly visit: Visit | null
}

export const nobodyYet: Visits = { lastNumber: 0, visit: null }

type Cause = Extract<DoorBody, { type: 'visit-started' }>['cause']

/** Somebody showed themselves: opens a visit, unless one is open already. */
export function seen(
  visits: Visits,
  cause: Cause,
  visitId: string,
  uptimeMs: number,
): { readonly visits: Visits; readonly visit: Visit; readonly record: readonly DoorBody[] } {
  if (visits.visit) return { visits, visit: visits.visit, record: [] }
  const number = (visits.lastNumber % 999) + 1
  const visit: Visit = { visitId, number, status: 'here', startedUptimeMs: uptimeMs }
  return {
    visits: { lastNumber: number, visit },
    visit,
    record: [{ type: 'visit-started', visitId, visitNumber: number, cause }],
  }
}

export function left(
  visits: Visits,
  uptimeMs: number,
): { readonly visits: Visits; readonly record: readonly DoorBody[] } {
  const { visit } = visits
  if (!visit) return { visits, record: [] }
  const lastedMs = Math.max(0, uptimeMs - visit.startedUptimeMs)
  return {
    visits: { ...visits, visit: null },
    record: [{ type: 'visit-ended', visitId: visit.visitId, lastedMs }],
  }
}

/** News about a visit that is over changes nothing. */
export function withStatus(visits: Visits, visitId: string, status: Visit['status']): Visits {
  const { visit } = visits
  if (visit?.visitId !== visitId || visit.status === status) return visits
  // News of a text that overtook nobody: its reader has already gone in.
  if (visit.status === 'entered' && status === 'code-sent') return visits
  return { ...visits, visit: { ...visit, status } }
}

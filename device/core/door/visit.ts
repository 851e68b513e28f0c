/** A visit: one stay at the door, from the first sight of a visitor until they leave or enter. */
import type { VisitStatus } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'

export interface Visit {
  readonly visitId: string
  /** Short enough to be read aloud over the phone. */
  readonly number: number
  readonly status: 'here' | VisitStatus
  readonly startedUptimeMs: number
}

/** Persisted, so that a visitor who waits through a restart stays in the same visit. */
export interface Visits {
  readonly lastNumber: number
  readonly visit: Visit | null
}

export const noVisits: Visits = { lastNumber: 0, visit: null }

export type VisitCause = Extract<DoorBody, { type: 'visit-started' }>['cause']

/** Whom the camera recognised. Not persisted: after a restart they are asked to be seen again. */
export interface SeenVisitors {
  readonly visitId: string
  readonly visitorIds: readonly string[]
}

export function withSeen(
  visits: Visits,
  seen: SeenVisitors | null,
  { visitId, visitorId }: { readonly visitId: string; readonly visitorId: string },
): SeenVisitors | null {
  if (visits.visit?.visitId !== visitId) return seen
  const before = seen?.visitId === visitId ? seen.visitorIds : []
  return { visitId, visitorIds: [...new Set([...before, visitorId])] }
}

export const seenInVisit = ({
  visits: { visit },
  seen,
}: {
  readonly visits: Visits
  readonly seen: SeenVisitors | null
}): readonly string[] => (seen && seen.visitId === visit?.visitId ? seen.visitorIds : [])

/** Does nothing while a visit is open. */
export function startVisit(
  visits: Visits,
  cause: VisitCause,
  visitId: string,
  uptimeMs: number,
): { readonly visits: Visits; readonly record: readonly DoorBody[] } {
  if (visits.visit) return { visits, record: [] }
  const number = (visits.lastNumber % 999) + 1
  const visit: Visit = { visitId, number, status: 'here', startedUptimeMs: uptimeMs }
  return {
    visits: { lastNumber: number, visit },
    record: [{ type: 'visit-started', visitId, visitNumber: number, cause }],
  }
}

export function endVisit(
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

/** The status of a visit that is over changes nothing. */
export function withStatus(visits: Visits, visitId: string, status: Visit['status']): Visits {
  const { visit } = visits
  if (visit?.visitId !== visitId || visit.status === status) return visits
  return { ...visits, visit: { ...visit, status } }
}

/** The approval requests of a household, newest first. */
import type { Uses } from '../ports.ts'
import { subjectsIn } from '../visits/core/visit.ts'
import { type ApprovalRequest, isAnsweredByPhone, requestLifeMs } from './core/approval-request.ts'

type Deps = Uses<'visits' | 'approvalRequests'>

/** A request belongs to a visit, and no visit is longer. */
const longestVisitMs = 10 * 60_000
const mostVisits = 100

/** Those that wait for an answer. */
export async function openRequests(
  deps: Deps,
  household: string,
): Promise<readonly ApprovalRequest[]> {
  const nowMs = deps.clock.nowMs()
  const recent = await requestsSince(deps, household, nowMs - requestLifeMs - longestVisitMs)
  const open = recent.filter(
    ({ decision, expiresAtMs }) => decision === null && expiresAtMs > nowMs,
  )
  return open.filter((request) => !isAnsweredByPhone(request, recent))
}

/** Of the last visits since then, a hundred at most. */
export async function requestsSince(
  { visits, approvalRequests }: Deps,
  household: string,
  fromMs: number,
): Promise<readonly ApprovalRequest[]> {
  const recent = await visits.history({ household, fromMs, limit: mostVisits })
  const refs = recent.visits.flatMap((visit) => {
    const { doorId, visitId } = visit
    return subjectsIn(visit).map((subject) => ({ household, doorId, visitId, subject }))
  })
  const requests = await Promise.all(refs.map((ref) => approvalRequests.find(ref)))
  return requests
    .filter((request) => request !== null)
    .toSorted((one, other) => other.askedAtMs - one.askedAtMs)
}

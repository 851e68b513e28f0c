/** The approval requests of a household that wait for an answer. */
import type { Uses } from '../ports.ts'
import { subjectOf } from '../visits/core/visit.ts'
import { type ApprovalRequest, requestLifeMs } from './core/approval-request.ts'

/** A request belongs to a visit, and no visit is longer. */
const longestVisitMs = 10 * 60_000
const mostVisits = 100

/** Newest first. */
export async function openRequests(
  { visits, approvalRequests, clock }: Uses<'visits' | 'approvalRequests'>,
  household: string,
): Promise<readonly ApprovalRequest[]> {
  const nowMs = clock.nowMs()
  const fromMs = nowMs - requestLifeMs - longestVisitMs
  const recent = await visits.history({ household, fromMs, limit: mostVisits })
  const refs = recent.visits.flatMap(({ doorId, visitId, strangers }) =>
    strangers.map(({ number }) => ({ household, doorId, visitId, subject: subjectOf(number) })),
  )
  const requests = await Promise.all(refs.map((ref) => approvalRequests.find(ref)))
  return requests
    .filter((request) => request !== null)
    .filter(({ decision, expiresAtMs }) => decision === null && expiresAtMs > nowMs)
    .sort((one, other) => other.askedAtMs - one.askedAtMs)
}

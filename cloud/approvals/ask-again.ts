/** The bell rings although the owner's link no longer works: then the owner is asked once more. */
import type { Uses, VisitRef } from '../ports.ts'
import { subjectOf } from '../visits/core/visit.ts'
import { isLinkDead } from './core/approval-request.ts'
import { requestApproval } from './request-approval.ts'

export type AskAgainDeps = Parameters<typeof requestApproval>[0] & Uses<'visits'>

export async function askAgain(deps: AskAgainDeps, ref: VisitRef): Promise<void> {
  const visit = await deps.visits.find(ref)
  for (const { number } of visit?.strangers ?? []) {
    const request = await deps.approvalRequests.find({ ...ref, subject: subjectOf(number) })
    if (!visit || !request || request.decision) continue
    const isOver = request.expiresAtMs <= deps.clock.nowMs() || isLinkDead(request)
    if (!isOver) continue
    const { subject, face, resembles, why } = request
    const needed = { kind: 'request-approval', subject, face, resembles, why } as const
    await requestApproval(deps, visit, needed, true)
  }
}

/**
 * When no more snapshots are expected: what is undecided goes to the owner. Runs some seconds after
 * each snapshot, and again when a request about the visit has expired.
 */
import { type ApprovalRequest, isAnsweredByPhone } from '../approvals/core/approval-request.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import { command } from '../doors/commands.ts'
import { closeRequest } from '../notices/about-visits.ts'
import type { VisitRef } from '../ports.ts'
import { type ActDeps, act, askAboutMatch, factsOf } from './act.ts'
import { freshSnapshotMs } from './core/sighting.ts'
import type { NewEntry } from './core/timeline.ts'
import { afterMatch, afterSettling, seenOnce } from './core/two-snapshots-rule.ts'
import { type ApprovalNeeded, lastSeenAtMs, type Visit } from './core/visit.ts'
import { turnAway } from './turn-away.ts'

export async function settleVisit(deps: ActDeps, ref: VisitRef): Promise<void> {
  const visit = await deps.visits.index(ref)
  if (!visit) return
  // The call that should have acted may have crashed, and its retry comes too late to help.
  for (const visitorId of Object.keys(visit.matches)) {
    if (deps.clock.nowMs() - lastSeenAtMs(visit, visitorId) > freshSnapshotMs) continue
    await act(deps, visit, afterMatch(visit, visitorId))
  }
  for (const needed of afterSettling(visit)) await settleStranger(deps, visit, needed)
  for (const request of await scanRequests(deps, visit)) await settleScan(deps, visit, request)
  for (const { visitorId, face } of seenOnce(visit)) {
    await settleMatch(deps, visit, visitorId, face)
  }
}

async function settleMatch(deps: ActDeps, visit: Visit, visitorId: string, face: string) {
  const visitor = await deps.visitors.find(visit.household, visitorId)
  if (visitor?.blocked) return turnAway(deps, factsOf(visit), { id: visitorId, visitorId })
  return askAboutMatch(deps, visit, { visitorId, face })
}

/** From here on the visit is settled once more, at the end of the request. */
const lastCheckMs = 60_000

async function settleStranger(deps: ActDeps, visit: Visit, needed: ApprovalNeeded): Promise<void> {
  const { household, doorId, visitId } = visit
  const ref = { household, doorId, visitId, subject: needed.subject }
  const request = await deps.approvalRequests.find(ref)
  if (!request) return act(deps, visit, needed)
  if (request.decision !== null) return
  const leftMs = request.expiresAtMs - deps.clock.nowMs()
  // This call was queued before the request was stored, so it may come shortly before the end.
  if (leftMs >= lastCheckMs) return
  if (leftMs > 0) return deps.delayedQueue.settleVisit(visit, leftMs + 1_000)
  if (isAnsweredByPhone(request, await scanRequests(deps, visit))) return
  await endUnanswered(deps, visit, request)
}

async function scanRequests(
  { approvalRequests }: ActDeps,
  { household, doorId, visitId, scans }: Visit,
): Promise<readonly ApprovalRequest[]> {
  const refs = scans.map((subject) => ({ household, doorId, visitId, subject }))
  const found = await Promise.all(refs.map((ref) => approvalRequests.find(ref)))
  return found.filter((request) => request !== null)
}

/** The request is stored when the visitor rings (cloud/scans/ring.ts); here it is mailed. */
async function settleScan(deps: ActDeps, visit: Visit, request: ApprovalRequest): Promise<void> {
  if (request.decision !== null) return
  if (request.expiresAtMs <= deps.clock.nowMs()) return endUnanswered(deps, visit, request)
  await requestApproval(deps, visit, { kind: 'request-approval', ...request })
}

/** Notifies the door before the timeline, whose entry says that the door was notified. */
async function endUnanswered(deps: ActDeps, visit: Visit, request: ApprovalRequest): Promise<void> {
  const { expiresAtMs: atMs, subject } = request
  const { doorId, visitId } = visit
  const what = 'no-answer'
  if (visit.timeline.some((entry) => entry.what === what && entry.atMs === atMs)) return
  await command(deps, doorId, { type: 'visit-status', visitId, status: what })
  const entry: NewEntry = { atMs, what, why: 'the owner did not answer in time', visitorId: null }
  await deps.visits.addTimelineEntry(factsOf(visit), `no-answer-${subject}`, entry)
  const home = await deps.household(visit.household)
  if (home) await closeRequest(deps, home, request)
}

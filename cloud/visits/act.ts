/** Carries out what the rule of two snapshots decided: a code for a visitor, or a mail to the owner. */
import { requestLifeMs } from '../approvals/core/approval-request.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import { notifyOwner } from '../doors/owner-alarms.ts'
import type { LimitedBy } from '../passcodes/core/grant.ts'
import { issueCode, resumeGrant } from '../passcodes/issue-code.ts'
import type { Uses, VisitFacts } from '../ports.ts'
import { type Action, afterSettling } from './core/two-snapshots-rule.ts'
import { type ApprovalNeeded, subjectsLike, type Visit } from './core/visit.ts'

/** What a sighting may need, whatever follows from it. */
export const actParts = [
  'visits',
  'approvalRequests',
  'passcodes',
  'visitors',
  'household',
  'idempotency',
  'photos',
  'faces',
  'recognition',
  'secrets',
  'doors',
  'introductions',
  'mail',
  'delayedQueue',
  'webOrigin',
] as const

export type ActDeps = Uses<(typeof actParts)[number]>

export async function act(deps: ActDeps, visit: Visit, action: Action | null): Promise<void> {
  switch (action?.kind) {
    case undefined:
      return
    case 'request-approval':
      return ask(deps, visit, action)
    case 'resume-code':
      return resumeGrant(deps, visit, action.grantId)
    case 'issue-code':
      return welcome(deps, visit, action.visitorId, action.why)
    default:
      action satisfies never
  }
}

/** The visit is settled again when the request has expired. */
async function ask(deps: ActDeps, visit: Visit, needed: ApprovalNeeded): Promise<void> {
  await deps.delayedQueue.settleVisit(visit, requestLifeMs)
  await requestApproval(deps, visit, needed)
}

async function welcome(deps: ActDeps, visit: Visit, visitorId: string, why: string): Promise<void> {
  const { doorId, visitId } = visit
  const visitor = await deps.visitors.find(visit.household, visitorId)
  const isOver = (visitor?.welcomeUntilMs ?? Number.POSITIVE_INFINITY) < deps.clock.nowMs()
  if (!visitor || isOver) {
    deps.log.info({ doorId, visitId, visitorId }, 'recognised, but no longer welcome')
    return askAboutMatch(deps, visit, visitorId, visit.matches[visitorId]?.[0])
  }
  if (await wasDenied(deps, visit, visitorId)) {
    deps.log.info({ doorId, visitId, visitorId }, 'recognised, but the owner said no')
    return
  }
  const issued = await issueCode(deps, { door: visit, visitId, visitor, why })
  if (issued.outcome === 'limited') await alarmOfLimit(deps, visit, visitorId, issued.by)
}

/** The owner denied a person who resembles this visitor. Recognition does not overrule that. */
async function wasDenied(deps: ActDeps, visit: Visit, visitorId: string): Promise<boolean> {
  for (const subject of subjectsLike(visit, visitorId)) {
    const { household, doorId, visitId } = visit
    const request = await deps.approvalRequests.find({ household, doorId, visitId, subject })
    if (request?.decision?.outcome === 'denied') return true
  }
  return false
}

async function alarmOfLimit(
  deps: ActDeps,
  visit: Visit,
  visitorId: string,
  by: LimitedBy,
): Promise<void> {
  const why = by === 'door' ? 'too many codes for one door' : 'too many codes for one visitor'
  const entry = { atMs: deps.clock.nowMs(), what: 'no-code', why, visitorId }
  await deps.visits.addTimelineEntry(factsOf(visit), `limit-${visitorId}`, entry)
  await notifyOwner(deps, visit, `limit-${visit.visitId}-${visitorId}`, 'limit-hit')
}

/** Asks about a match as about a stranger. The mail names the visitor on file. */
export async function askAboutMatch(
  deps: ActDeps,
  visit: Visit,
  visitorId: string,
  faceKey: string | undefined,
): Promise<void> {
  const photo = faceKey === undefined ? null : await deps.photos.read(faceKey)
  if (!photo) return
  const { key, sha256 } = photo
  const stranger = {
    number: visit.strangers.length + 1,
    face: { key, sha256 },
    snapshot: key,
    resembles: { visitorId, similarity: deps.recognition.sureSimilarity },
  }
  const answer = await deps.visits.addStranger(factsOf(visit), stranger)
  const needed = afterSettling(answer.visit).find((one) => one.resembles?.visitorId === visitorId)
  if (needed) await ask(deps, answer.visit, needed)
}

export const factsOf = ({
  household,
  doorId,
  visitId,
  number,
  startedAtMs,
}: Visit): VisitFacts => ({
  household,
  doorId,
  visitId,
  number,
  seenAtMs: startedAtMs,
})

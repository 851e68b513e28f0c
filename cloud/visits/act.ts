/** Carries out what the rule of two snapshots decided: a code for a visitor, or a mail to the owner. */
import { requestLifeMs } from '../approvals/core/approval-request.ts'
import { requestApproval } from '../approvals/request-approval.ts'
import { sendVisitorSeen } from '../credentials/visitor-seen.ts'
import { modeIn } from '../doors/core/door-state.ts'
import { notifyOwner } from '../doors/owner-alarms.ts'
import { doorOf } from '../members/core/household.ts'
import type { LimitedBy } from '../passcodes/core/grant.ts'
import { issueCode, resumeGrant } from '../passcodes/issue-code.ts'
import type { Uses, VisitFacts } from '../ports.ts'
import { mayComeNow } from '../visitors/core/guest-list.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { CodeWhy, NewEntry } from './core/timeline.ts'
import { type Action, afterSettling } from './core/two-snapshots-rule.ts'
import { type ApprovalNeeded, type ClosedReason, subjectsLike, type Visit } from './core/visit.ts'
import { turnAway } from './turn-away.ts'

/** What a sighting may need, whatever follows from it. */
export const actParts = [
  'visits',
  'approvalRequests',
  'passcodes',
  'credentials',
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
  'households',
  'notices',
  'push',
  'delayedQueue',
  'webOrigin',
  'doorStates',
] as const

export type ActDeps = Uses<(typeof actParts)[number]>

export async function act(deps: ActDeps, visit: Visit, action: Action | null): Promise<void> {
  const mode = action && modeIn(await deps.doorStates.find(visit), deps.clock.nowMs())
  if (mode === 'privacy') {
    // The keypad asks the visitor to come back later.
    deps.log.info({ doorId: visit.doorId, visitId: visit.visitId }, 'private: not disturbed')
    return
  }
  switch (action?.kind) {
    case undefined:
      return
    case 'request-approval':
      return ask(deps, visit, action)
    case 'resume-code':
      return resumeGrant(deps, visit, action.grantId)
    case 'issue-code':
      return welcome(deps, visit, { ...action, isHoliday: mode === 'holiday' })
    default:
      action satisfies never
  }
}

/** The visit is settled again when the request has expired. */
async function ask(deps: ActDeps, visit: Visit, needed: ApprovalNeeded): Promise<void> {
  await deps.delayedQueue.settleVisit(visit, requestLifeMs)
  await requestApproval(deps, visit, needed)
}

async function welcome(
  deps: ActDeps,
  visit: Visit,
  {
    visitorId,
    why,
    isHoliday,
  }: { readonly visitorId: string; readonly why: CodeWhy; readonly isHoliday: boolean },
): Promise<void> {
  const { doorId, visitId } = visit
  const visitor = await deps.visitors.find(visit.household, visitorId)
  if (visitor) await deps.visits.markSeen(visit.household, visitorId, visit.startedAtMs)
  if (visitor?.blocked) return turnAway(deps, factsOf(visit), { id: visitorId, visitorId })
  if (visitor) await sendVisitorSeen(deps, visit, visitor)
  const closed = visitor && (isHoliday ? 'holiday' : await closedFor(deps, visit, visitor))
  if (!visitor || closed) {
    deps.log.info({ doorId, visitId, visitorId, why: closed }, 'recognised, but no longer welcome')
    const face = visit.matches[visitorId]?.[0]
    return askAboutMatch(deps, visit, { visitorId, face, why: closed ?? undefined })
  }
  if (await wasDenied(deps, visit, visitorId)) {
    deps.log.info({ doorId, visitId, visitorId }, 'recognised, but the owner said no')
    return
  }
  const issued = await issueCode(deps, { door: visit, visitId, visitor, why })
  if (issued.outcome === 'limited') await alarmOfLimit(deps, visit, visitorId, issued.by)
}

/** Why the owner is asked about a visitor who was recognised; null when they get a code. */
async function closedFor(
  deps: ActDeps,
  { household, doorId }: Visit,
  { welcomeUntilMs, lists = [] }: Visitor,
): Promise<ClosedReason | null> {
  const nowMs = deps.clock.nowMs()
  if ((welcomeUntilMs ?? Number.POSITIVE_INFINITY) < nowMs) return 'welcome-over'
  const home = await deps.household(household)
  const timeZone = doorOf(home, doorId)?.settings.timeZone
  if (!home || timeZone === undefined) return null
  return mayComeNow(home.lists, lists, { doorId, timeZone }, nowMs) ? null : 'outside-hours'
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
  const entry: NewEntry = { atMs: deps.clock.nowMs(), what: 'no-code', why, visitorId }
  await deps.visits.addTimelineEntry(factsOf(visit), `limit-${visitorId}`, entry)
  await notifyOwner(deps, visit, `limit-${visit.visitId}-${visitorId}`, 'limit-hit')
}

interface AskedMatch {
  readonly visitorId: string
  /** Key of the face that was recognised. */
  readonly face: string | undefined
  readonly why?: ClosedReason | undefined
}

/** Asks about a match as about a stranger. The mail names the visitor on file. */
export async function askAboutMatch(
  deps: ActDeps,
  visit: Visit,
  { visitorId, face, why }: AskedMatch,
): Promise<void> {
  const questionIn = (now: Visit) =>
    afterSettling(now).find(({ resembles }) => resembles?.visitorId === visitorId)
  const asked = questionIn(visit)
  if (asked) return ask(deps, visit, asked)
  const photo = face === undefined ? null : await deps.photos.read(face)
  if (!photo) return
  const { key, sha256 } = photo
  const stranger = {
    number: visit.strangers.length + 1,
    face: { key, sha256 },
    snapshot: key,
    resembles: { visitorId, similarity: deps.recognition.sureSimilarity },
    why,
  }
  const answer = await deps.visits.addStranger(factsOf(visit), stranger)
  const needed = questionIn(answer.visit)
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

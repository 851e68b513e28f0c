/**
 * A visitor who scanned the code at the door rings with their phone: the owners are asked about them,
 * once for each code that the keypad showed.
 */
import { requestLifeMs } from '../approvals/core/approval-request.ts'
import { newRequest, newToken, sha256Of } from '../approvals/request-approval.ts'
import { doorRef } from '../doors/core/door-ref.ts'
import type { Limit } from '../passcodes/core/grant.ts'
import type { Uses, VisitRef } from '../ports.ts'
import { nameIn, nameProblem } from '../visitors/core/visitor-form.ts'
import type { NewEntry } from '../visits/core/timeline.ts'
import { type ScannedBy, scanSubject } from '../visits/core/visit.ts'
import { isTurnedAway } from './core/turned-away.ts'
import { mayRing, type Ticket } from './ticket.ts'

type Deps = Uses<'visits' | 'approvalRequests' | 'idempotency' | 'delayedQueue'>

/** A visitor must not flood the owners. The bell rings all the same. */
const ringLimits: readonly Limit[] = [{ count: 10, withinMs: 3_600_000 }]

export type RingOutcome =
  | 'rung'
  /** Another phone has rung with this code. */
  | 'taken'
  | 'limited'
  | 'too-late'
  | 'name-missing'
  | 'name-unfit'

export async function ring(
  deps: Deps,
  ticket: Ticket,
  { name: typed, language }: Pick<ScannedBy, 'name' | 'language'>,
): Promise<RingOutcome> {
  const name = nameIn(typed)
  const problem = nameProblem(name)
  if (problem) return problem === 'missing' ? 'name-missing' : 'name-unfit'
  const nowMs = deps.clock.nowMs()
  const ref = requestOf(ticket)
  if (!ref || !mayRing(ticket, nowMs)) return 'too-late'
  const known = await deps.approvalRequests.find(ref)
  const secretSha256 = sha256Of(ticket.secret)
  if (known) return known.scan?.secretSha256 === secretSha256 ? 'rung' : 'taken'
  const visit = await deps.visits.find(ref)
  // The page says so, as the keypad does.
  if (visit && isTurnedAway(visit.timeline)) return 'rung'
  if (!(await deps.idempotency.allows(`scans#${ref.doorId}`, ringLimits, nowMs))) return 'limited'
  const facts = { ...ref, number: ticket.proof.visitNumber, seenAtMs: nowMs }
  const added = await deps.visits.addScan(facts, ref.subject)
  if (added !== 'added') return added === 'taken' ? 'taken' : 'limited'
  await askFor(deps, facts, ref.subject, { name, language, secretSha256 })
  deps.log.info({ doorId: ref.doorId, visitId: ref.visitId }, 'rung by phone')
  return 'rung'
}

/** Null for a door that does not exist. */
export function requestOf({ proof }: Ticket): (VisitRef & { readonly subject: string }) | null {
  const { doorId, visitId, window } = proof
  const door = doorRef(doorId)
  return door && { ...door, visitId, subject: scanSubject(window) }
}

/** Stored here, and mailed by the function that mails all questions (settle-visit.ts). */
async function askFor(
  deps: Deps,
  facts: Parameters<Deps['visits']['addScan']>[0],
  subject: string,
  scan: ScannedBy,
): Promise<void> {
  const atMs = deps.clock.nowMs()
  const why = 'the visitor scanned the code at the door'
  const entry: NewEntry = { atMs, what: 'rang-by-phone', why, visitorId: null }
  await deps.visits.addTimelineEntry(facts, subject, entry)
  const visit = await deps.visits.find(facts)
  if (!visit) return
  // The last who was seen. With several unknown visitors it may be another of them.
  const face = visit.strangers.at(-1)?.face ?? null
  const needed = { kind: 'request-approval', subject, face, resembles: null, scan } as const
  const request = newRequest(visit, { ...needed, why: 'scanned' }, newToken(deps), atMs)
  // Its lease is over at once, so that the mail need not wait.
  await deps.approvalRequests.open(request, atMs)
  await deps.delayedQueue.settleVisit(facts, 0)
  await deps.delayedQueue.settleVisit(facts, requestLifeMs)
}

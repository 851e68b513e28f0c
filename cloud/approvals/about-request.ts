/** What allowing and denying a request share. */
import { createHash } from 'node:crypto'
import type { NoticeDeps } from '../notices/notify.ts'
import type { Uses } from '../ports.ts'
import type { UntimedEntry } from '../visits/core/timeline.ts'
import { type ApprovalRequest, requestId } from './core/approval-request.ts'

/** What the steps of an answer use. */
export type AnswerDeps = NoticeDeps &
  Uses<
    | 'approvalRequests'
    | 'visits'
    | 'visitors'
    | 'passcodes'
    | 'household'
    | 'idempotency'
    | 'photos'
    | 'faces'
    | 'secrets'
    | 'doors'
    | 'introductions'
    | 'delayedQueue'
  >

/** The visitor that a request puts on file. Derived, so that a repeated answer makes no second one. */
export const visitorIdOf = (request: ApprovalRequest): string =>
  createHash('sha256').update(decisionKey(request)).digest('hex').slice(0, 32)

/** Names the effects of one decision: another one, after it was undone, has effects of its own. */
export const decisionKey = (request: ApprovalRequest): string =>
  request.undone ? `${requestId(request)}.${request.undone}` : requestId(request)

export const photoKeyOf = (request: ApprovalRequest): string =>
  `visitors/${request.household}/${visitorIdOf(request)}/photo.jpg`

export async function addEntryAbout(
  deps: Uses<'visits'>,
  request: ApprovalRequest,
  entry: UntimedEntry,
): Promise<void> {
  const { household, doorId, visitId, subject, visitNumber, askedAtMs, undone } = request
  const facts = { household, doorId, visitId, number: visitNumber, seenAtMs: askedAtMs }
  const atMs = deps.clock.nowMs()
  const id = `${entry.what}-${subject}${undone ? `-${undone}` : ''}`
  await deps.visits.addTimelineEntry(facts, id, { ...entry, atMs })
}

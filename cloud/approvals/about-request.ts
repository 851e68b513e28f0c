/** What allowing and denying a request share. */
import { createHash } from 'node:crypto'
import type { Uses } from '../ports.ts'
import type { TimelineEntry } from '../visits/core/visit.ts'
import { type ApprovalRequest, type RequestRef, requestId } from './core/approval-request.ts'

/** What the steps of an answer use. */
export type AnswerDeps = Uses<
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
export const visitorIdOf = (request: RequestRef): string =>
  createHash('sha256').update(requestId(request)).digest('hex').slice(0, 32)

export const photoKeyOf = (request: RequestRef): string =>
  `visitors/${request.household}/${visitorIdOf(request)}/photo.jpg`

export async function addEntryAbout(
  deps: Uses<'visits'>,
  { household, doorId, visitId, subject, visitNumber, askedAtMs }: ApprovalRequest,
  entry: Omit<TimelineEntry, 'atMs'>,
): Promise<void> {
  const facts = { household, doorId, visitId, number: visitNumber, seenAtMs: askedAtMs }
  const atMs = deps.clock.nowMs()
  await deps.visits.addTimelineEntry(facts, `${entry.what}-${subject}`, { ...entry, atMs })
}

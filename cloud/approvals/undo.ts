/** An owner takes a decision back, within a minute. Every step may be repeated. */
import { command } from '../doors/commands.ts'
import type { Visit } from '../visits/core/visit.ts'
import { type AnswerDeps, addEntryAbout, visitorIdOf } from './about-request.ts'
import { type ApprovalRequest, type Asker, undoWithinMs } from './core/approval-request.ts'
import { findRequest } from './show-request.ts'

export type UndoOutcome =
  | 'undone'
  | 'unknown'
  | 'too-late'
  /** The visitor has already come in. */
  | 'came-in'

export async function undoDecision(
  deps: AnswerDeps,
  id: string,
  asker: Extract<Asker, { kind: 'member' }>,
): Promise<UndoOutcome> {
  const found = await findRequest(deps, id, asker)
  if (!found) return 'unknown'
  const { request } = found
  const { decision } = request
  if (!decision) return finish(deps, request, asker.email)
  if (!canBeUndone(request, deps.clock.nowMs())) return 'too-late'
  if (cameIn(await deps.visits.find(request), visitorIdOf(request))) return 'came-in'
  if (!(await deps.approvalRequests.undo(request, decision))) return 'too-late'
  return finish(deps, { ...request, undone: (request.undone ?? 0) + 1 }, asker.email)
}

/** The door was opened, or a face was blocked and a welcome ended: that cannot be taken back. */
export function canBeUndone({ decision, expiresAtMs }: ApprovalRequest, nowMs: number): boolean {
  if (!decision || decision.outcome === 'opened' || decision.blockFace) return false
  return nowMs <= decision.atMs + undoWithinMs && nowMs < expiresAtMs
}

const cameIn = (visit: Visit | null, visitorId: string): boolean =>
  visit?.timeline.some((one) => one.what === 'code-accepted' && one.visitorId === visitorId) ??
  false

/**
 * After the request is open again, so that the picture of the question is not deleted with the
 * visitor (cloud/visits/delete-snapshots.ts). Deleting the visitor revokes their code.
 */
async function finish(
  deps: AnswerDeps,
  request: ApprovalRequest,
  by: string,
): Promise<UndoOutcome> {
  const { undone = 0, household, doorId, visitId, subject } = request
  if (undone === 0) return 'too-late'
  const visitorId = visitorIdOf({ ...request, undone: undone - 1 })
  if (await deps.visitors.find(household, visitorId)) {
    await deps.visitors.remove(household, visitorId, deps.clock.nowMs())
  }
  const why = `${by} took the decision back` as const
  await addEntryAbout(deps, request, { what: 'undone', why, visitorId: null })
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'waiting-for-owner' })
  deps.log.info({ doorId, visitId, subject }, 'decision undone')
  return 'undone'
}

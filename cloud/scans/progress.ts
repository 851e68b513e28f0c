/** What the page of a visitor who rang with their phone shows. */
import { derivePasscode } from '../../protocol/passcode.ts'
import { visitorIdOf } from '../approvals/about-request.ts'
import type { ApprovalRequest } from '../approvals/core/approval-request.ts'
import { sha256Of } from '../approvals/request-approval.ts'
import { findGrant } from '../passcodes/find-grant.ts'
import type { Uses } from '../ports.ts'
import { isTurnedAway } from './core/turned-away.ts'
import { requestOf } from './ring.ts'
import { mayRing, type Ticket } from './ticket.ts'

type Deps = Uses<'visits' | 'approvalRequests' | 'passcodes' | 'secrets'>

export type Progress =
  /** No code was scanned, or long ago. */
  | { readonly at: 'not-scanned' }
  | { readonly at: 'ready' }
  | { readonly at: 'waiting' }
  | { readonly at: 'denied' }
  | { readonly at: 'no-answer' }
  /** Allowed, but the door does not have the code yet. */
  | { readonly at: 'allowed' }
  | { readonly at: 'code'; readonly code: string; readonly minutes: number }
  | { readonly at: 'used' }
  | { readonly at: 'expired' }
  /** No code came about. */
  | { readonly at: 'failed' }
  /** The owner opened the door, without a code. */
  | { readonly at: 'opened' }

export async function progressOf(deps: Deps, ticket: Ticket): Promise<Progress> {
  const ref = requestOf(ticket)
  if (!ref) return { at: 'not-scanned' }
  const [request, visit] = await Promise.all([
    deps.approvalRequests.find(ref),
    deps.visits.find(ref),
  ])
  const nowMs = deps.clock.nowMs()
  if (request?.scan?.secretSha256 !== sha256Of(ticket.secret)) {
    if (!mayRing(ticket, nowMs)) return { at: 'not-scanned' }
    return { at: visit && isTurnedAway(visit.timeline) ? 'denied' : 'ready' }
  }
  const { decision, expiresAtMs } = request
  if (!decision) return { at: expiresAtMs > nowMs ? 'waiting' : 'no-answer' }
  if (decision.outcome !== 'allowed') return { at: decision.outcome }
  const grantId = visit?.grants[visitorIdOf(request)]?.grantId
  return codeOf(deps, request, grantId, decision.atMs)
}

/** A code is issued right after the decision, or not at all. */
const issuedWithinMs = 20_000

async function codeOf(
  deps: Deps,
  door: ApprovalRequest,
  grantId: string | undefined,
  allowedAtMs: number,
): Promise<Progress> {
  const nowMs = deps.clock.nowMs()
  const found = grantId === undefined ? null : await findGrant(deps, door, grantId)
  if (!found) return { at: nowMs < allowedAtMs + issuedWithinMs ? 'allowed' : 'failed' }
  const { grantId: id, digits, storedAtMs, closed, expiresAtMs } = found.grant
  if (closed === 'used') return { at: 'used' }
  if (closed === 'revoked') return { at: storedAtMs === null ? 'failed' : 'expired' }
  if (expiresAtMs <= nowMs) return { at: 'expired' }
  if (storedAtMs === null) return { at: 'allowed' }
  const code = derivePasscode(await deps.secrets.doorKey(door.doorId), id, digits)
  return { at: 'code', code, minutes: Math.ceil((expiresAtMs - nowMs) / 60_000) }
}

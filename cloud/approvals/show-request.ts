/** What the approval page and the console show of an approval request. */
import { timingSafeEqual } from 'node:crypto'
import type { Language } from '../../protocol/messages/shared.ts'
import { dayAndTime, placeOf } from '../letters/date-words.ts'
import { doorOf, type Household } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'
import type { Picture } from '../visits/core/sighting.ts'
import {
  type ApprovalRequest,
  type Asker,
  isLinkDead,
  parseRequestId,
  type ShownRequest,
} from './core/approval-request.ts'
import { resembledName, sha256Of } from './request-approval.ts'

/** Null for a request that does not exist, and for one that the asker has no right to see. */
export async function showRequest(
  deps: Uses<'approvalRequests' | 'household' | 'visitors' | 'photos'>,
  id: string,
  asker: Asker,
  language: Language,
): Promise<ShownRequest | null> {
  const found = await findRequest(deps, id, asker)
  if (!found) return null
  const { request, household } = found
  const { decision, doorId, askedAtMs } = request
  const isOver = request.expiresAtMs <= deps.clock.nowMs()
  const isDead = asker.kind === 'mail' && isLinkDead(request)
  const state = decision ? 'decided' : isOver ? 'expired' : isDead ? 'dead' : 'open'
  const door = doorOf(household, doorId)
  const inWords = (atMs: number) => dayAndTime(atMs, language, placeOf(household))
  // The photo is shown only for the decision, not to those who find the mail later.
  const isOpen = state === 'open'
  return {
    request,
    state,
    doorName: door?.name ?? '',
    doorLanguage: door?.settings.language ?? 'en',
    jpeg: isOpen ? await facePhoto(deps, request.face) : null,
    looksLike: isOpen ? await resembledName(deps, request) : null,
    askedAt: inWords(askedAtMs),
    decidedAt: decision && inWords(decision.atMs),
  }
}

export interface FoundRequest {
  readonly request: ApprovalRequest
  readonly household: Household
}

export async function findRequest(
  deps: Uses<'approvalRequests' | 'household'>,
  id: string,
  asker: Asker,
): Promise<FoundRequest | null> {
  const ref = parseRequestId(id)
  if (!ref || (asker.kind === 'member' && asker.household !== ref.household)) return null
  const request = await deps.approvalRequests.find(ref)
  if (!request || (asker.kind === 'mail' && !isTokenOf(request, asker.token))) return null
  const household = await deps.household(ref.household)
  return household && { request, household }
}

function isTokenOf({ tokenSha256 }: ApprovalRequest, token: string): boolean {
  const [ours, theirs] = [Buffer.from(tokenSha256, 'hex'), Buffer.from(sha256Of(token), 'hex')]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

/** Null without a photo, or if it changed since the owner was asked. */
export async function facePhoto(
  { photos }: Uses<'photos'>,
  face: Picture | null,
): Promise<Uint8Array | null> {
  const stored = face && (await photos.read(face.key))
  return stored && stored.sha256 === face?.sha256 ? stored.bytes : null
}

/** What follows when the owner denies an unknown visitor. Every step may be repeated. */
import { command } from '../doors/commands.ts'
import { doOnce } from '../idempotency.ts'
import { findGrant } from '../passcodes/find-grant.ts'
import { StoreFault } from '../ports.ts'
import { blockIdAt } from '../visits/core/sighting.ts'
import {
  type AnswerDeps,
  addEntryAbout,
  decisionKey,
  photoKeyOf,
  visitorIdOf,
} from './about-request.ts'
import type { ApprovalRequest, Decision } from './core/approval-request.ts'
import { facePhoto } from './show-request.ts'

export async function turnAway(
  deps: AnswerDeps,
  request: ApprovalRequest,
  { blockFace = false, atMs }: Decision,
): Promise<void> {
  const { doorId, visitId } = request
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'denied' })
  const why = blockFace ? 'the owner does not want to be asked again' : 'the owner said no'
  await addEntryAbout(deps, request, { what: 'denied', why, visitorId: null })
  await revokeCode(deps, request, atMs)
  // Left behind by an answer that crashed before its decision.
  await deps.photos.remove([photoKeyOf(request)])
  if (!blockFace) return
  await block(deps, request, atMs)
  await blockVisitor(deps, request)
}

/** The visitor may have been recognised after the owner was asked, and have got a code since. */
async function revokeCode(deps: AnswerDeps, request: ApprovalRequest, atMs: number): Promise<void> {
  const { resembles, doorId } = request
  const visit = resembles && (await deps.visits.find(request))
  const grantId = resembles && visit?.grants[resembles.visitorId]?.grantId
  const found = grantId ? await findGrant(deps, request, grantId) : null
  if (!grantId || !found || found.grant.closed !== null) return
  await command(deps, doorId, { type: 'revoke-grant', grantId, reason: 'the owner said no' })
  await deps.passcodes.close(found.ref, 'revoked', atMs)
}

async function block(deps: AnswerDeps, request: ApprovalRequest, atMs: number): Promise<void> {
  const jpeg = await facePhoto(deps, request.face)
  if (!jpeg) return
  const owner = { kind: 'blocked', blockId: blockIdAt(atMs, visitorIdOf(request)) } as const
  await doOnce(deps, `block#${decisionKey(request)}`, async () => {
    const faceIds = await deps.faces.remember(request.household, jpeg, owner)
    if (faceIds.length === 0) await notBlocked(deps, request)
  })
}

/** The owner has decided, and that stands. The person is asked about again at their next visit. */
async function notBlocked(deps: AnswerDeps, request: ApprovalRequest): Promise<void> {
  const { doorId, visitId } = request
  deps.log.warn({ doorId, visitId }, 'face could not be blocked')
  const why = 'the recognition service did not store the face'
  await addEntryAbout(deps, request, { what: 'not-blocked', why, visitorId: null })
}

const editTries = 5

/** For a blocked person who is also on file. */
async function blockVisitor(
  { visitors, log }: AnswerDeps,
  { household, resembles, doorId, visitId }: ApprovalRequest,
): Promise<void> {
  if (!resembles) return
  for (let nth = 0; nth < editTries; nth += 1) {
    const visitor = await visitors.find(household, resembles.visitorId)
    if (!visitor || visitor.blocked) return
    if (!(await visitors.put({ ...visitor, blocked: true }))) continue
    return log.info({ doorId, visitId, visitorId: visitor.visitorId }, 'visitor blocked')
  }
  throw new StoreFault('busy', 'A visitor changed too often to be blocked.')
}

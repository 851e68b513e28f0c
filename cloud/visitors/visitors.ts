/** What follows when who is on file changes: faces are learnt or forgotten, doors are told. */
import { type CommandDeps, command } from '../doors/commands.ts'
import type { FindHousehold } from '../members/households.ts'
import type { Faces, Log, Passcodes, Photos, Visitors, Visits } from '../ports.ts'
import { forgetSeen } from '../visits/pictures.ts'
import type { Visitor } from './core/people.ts'

export interface VisitorDeps extends CommandDeps {
  readonly visitors: Visitors
  readonly visits: Pick<Visits, 'history'>
  readonly photos: Photos
  readonly faces: Faces
  readonly passcodes: Passcodes
  readonly household: FindHousehold
  readonly log: Log
}

/** `before` and `after` as the table had them; null when it had not. */
export async function visitorChanged(
  deps: VisitorDeps,
  before: Visitor | null,
  after: Visitor | null,
): Promise<void> {
  const isGone = after === null || after.removedAtMs !== null
  if (isGone) {
    if (before) await forgetVisitor(deps, before)
    return
  }
  await learnOrForgetFace(deps, after)
  const isNews = before?.name !== after.name || before.language !== after.language
  if (isNews) await tellDoors(deps, after)
}

async function learnOrForgetFace(deps: VisitorDeps, visitor: Visitor): Promise<void> {
  const { household, visitorId, faceIds, photo, remembersFace } = visitor
  if (!remembersFace && faceIds.length > 0) {
    await deps.faces.forget(household, faceIds)
    await deps.visitors.setFaceIds(household, visitorId, [])
  }
  if (!remembersFace || faceIds.length > 0 || !photo) return
  const stored = await deps.photos.read(photo.key)
  if (!stored) return
  const learnt = await deps.faces.remember(household, stored.bytes, { kind: 'visitor', visitorId })
  if (learnt.length === 0) {
    // To write that down would be a change again, and so on for as long as it is paid for.
    deps.log.warn({ visitorId }, 'no face in the photo that could be learnt')
    return
  }
  // Deleted meanwhile: then nothing of them may stay.
  const isKept = await deps.visitors.setFaceIds(household, visitorId, learnt)
  if (!isKept) await deps.faces.forget(household, learnt)
}

async function tellDoors(deps: VisitorDeps, { household, visitorId, name, language }: Visitor) {
  for (const { doorId } of (await deps.household(household))?.doors ?? []) {
    await command(deps, doorId, { type: 'visitor-changed', visitorId, name, language })
  }
}

export type ForgottenVisitor = Pick<Visitor, 'household' | 'visitorId' | 'faceIds'>

/**
 * Photos, thumbnails, face ids and grants, everywhere, and the pictures that the doors took of them.
 * What is left is that they were removed.
 */
export async function forgetVisitor(deps: VisitorDeps, visitor: ForgottenVisitor): Promise<void> {
  const { household, visitorId, faceIds } = visitor
  const named = await facesNamedAfter(deps, visitor)
  const ids = [...new Set([...faceIds, ...named])]
  if (ids.length > 0) await deps.faces.forget(household, ids)
  const photos = await deps.photos.list(`visitors/${household}/${visitorId}/`)
  await deps.photos.remove(photos.map(({ key }) => key))
  for (const { doorId } of (await deps.household(household))?.doors ?? []) {
    await withdrawGrants(deps, { household, doorId }, visitorId)
    await command(deps, doorId, { type: 'visitor-removed', visitorId })
  }
  const taken = await forgetSeen(deps, household, visitorId)
  deps.log.info({ visitorId, faces: ids.length, photos: photos.length, taken }, 'visitor forgotten')
}

/** A face may have been learnt whose id was never written down. */
async function facesNamedAfter(deps: VisitorDeps, { household, visitorId }: ForgottenVisitor) {
  const all = await deps.faces.list(household)
  return all.filter(({ name }) => name === `visitor-${visitorId}`).map(({ faceId }) => faceId)
}

async function withdrawGrants(
  deps: VisitorDeps,
  door: { readonly household: string; readonly doorId: string },
  visitorId: string,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  // From the beginning of time: those that ran out are still open, and name whom they were for.
  for (const grant of await deps.passcodes.live(door, 0)) {
    if (grant.visitorId !== visitorId) continue
    const { grantId } = grant
    await deps.passcodes.close({ ...door, grantId, tag: grant.tag }, 'revoked', nowMs)
    if (grant.expiresAtMs <= nowMs) continue
    const reason = 'the visitor was deleted'
    await command(deps, door.doorId, { type: 'revoke-grant', grantId, reason })
  }
}

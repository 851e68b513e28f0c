/** What follows from a change of a visitor on file: the face is indexed or deleted, doors are notified. */
import { command } from '../doors/commands.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { faceName } from '../visits/core/sighting.ts'
import { deleteSnapshotsOf } from '../visits/delete-snapshots.ts'
import type { Visitor } from './core/visitor.ts'

export type VisitorDeps = Uses<
  | 'visitors'
  | 'visits'
  | 'approvalRequests'
  | 'photos'
  | 'faces'
  | 'passcodes'
  | 'household'
  | 'doors'
  | 'introductions'
>

/** `before` and `after` as in the table; null where there was or is no visitor. */
export async function visitorChanged(
  deps: VisitorDeps,
  before: Visitor | null,
  after: Visitor | null,
): Promise<void> {
  if (after === null || after.removedAtMs !== null) {
    if (before) await forgetVisitor(deps, before)
    return
  }
  await indexOrDeleteFace(deps, after)
  if (before?.name === after.name && before.language === after.language) return
  const { visitorId, name, language } = after
  for (const { doorId } of await doorsOf(deps, after.household)) {
    await command(deps, doorId, { type: 'visitor-changed', visitorId, name, language })
  }
}

const doorsOf = async (deps: VisitorDeps, household: string): Promise<DoorRef[]> =>
  ((await deps.household(household))?.doors ?? []).map(({ doorId }) => ({ household, doorId }))

async function indexOrDeleteFace(deps: VisitorDeps, visitor: Visitor): Promise<void> {
  const { household, visitorId, faceIds, photo, remembersFace } = visitor
  if (!remembersFace && faceIds.length > 0) {
    await deps.faces.forget(household, faceIds)
    await deps.visitors.setFaceIds(household, visitorId, [])
  }
  if (!remembersFace || faceIds.length > 0 || !photo) return
  const stored = await deps.photos.read(photo.key)
  if (!stored) return
  const indexed = await deps.faces.remember(household, stored.bytes, { kind: 'visitor', visitorId })
  if (indexed.length === 0) {
    // Storing the empty result would be a change, and cause this call again without end.
    deps.log.warn({ visitorId }, 'no face in the photo to index')
    return
  }
  // False when the visitor was deleted meanwhile.
  const isStored = await deps.visitors.setFaceIds(household, visitorId, indexed)
  if (!isStored) await deps.faces.forget(household, indexed)
}

export type ForgottenVisitor = Pick<Visitor, 'household' | 'visitorId' | 'faceIds'>

/** Deletes photos, faces, grants and snapshots. Only the fact of the removal remains. */
export async function forgetVisitor(deps: VisitorDeps, visitor: ForgottenVisitor): Promise<void> {
  const { household, visitorId, faceIds } = visitor
  const ids = [...new Set([...faceIds, ...(await facesNamedAfter(deps, visitor))])]
  if (ids.length > 0) await deps.faces.forget(household, ids)
  const photos = await deps.photos.list(`visitors/${household}/${visitorId}/`)
  await deps.photos.remove(photos.map(({ key }) => key))
  for (const door of await doorsOf(deps, household)) {
    await revokeGrants(deps, door, visitorId)
    await command(deps, door.doorId, { type: 'visitor-removed', visitorId })
  }
  const snapshots = await deleteSnapshotsOf(deps, household, visitorId)
  const counts = { faces: ids.length, photos: photos.length, snapshots }
  deps.log.info({ visitorId, ...counts }, 'visitor forgotten')
}

/** A face may have been indexed without its id being stored. */
async function facesNamedAfter(deps: VisitorDeps, { household, visitorId }: ForgottenVisitor) {
  const name = faceName({ kind: 'visitor', visitorId })
  const all = await deps.faces.list(household)
  return all.filter((face) => face.name === name).map(({ faceId }) => faceId)
}

async function revokeGrants(deps: VisitorDeps, door: DoorRef, visitorId: string): Promise<void> {
  const nowMs = deps.clock.nowMs()
  // Expired grants too, since they name the visitor until they are closed.
  for (const { grantId, tag, expiresAtMs, ...grant } of await deps.passcodes.live(door, 0)) {
    if (grant.visitorId !== visitorId) continue
    await deps.passcodes.close({ ...door, grantId, tag }, 'revoked', nowMs)
    if (expiresAtMs <= nowMs) continue
    const reason = 'the visitor was deleted'
    await command(deps, door.doorId, { type: 'revoke-grant', grantId, reason })
  }
}

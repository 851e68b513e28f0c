/** What follows from a change of a visitor on file: the face is indexed or deleted, doors are notified. */
import { endAllBy, withdrawAllOf } from '../credentials/change-credential.ts'
import { command } from '../doors/commands.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { faceName } from '../visits/core/sighting.ts'
import { deleteSnapshotsOf } from '../visits/delete-snapshots.ts'
import { idsOf, type Visitor } from './core/visitor.ts'

export type VisitorDeps = Uses<
  | 'visitors'
  | 'visits'
  | 'approvalRequests'
  | 'photos'
  | 'faces'
  | 'passcodes'
  | 'credentials'
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
  // A face belongs to its photo.
  const isReplaced = before?.photo?.sha256 !== after.photo?.sha256
  await indexOrDeleteFace(deps, after, isReplaced)
  if (after.blocked && !before?.blocked) await revokeEverywhere(deps, after)
  if (after.welcomeUntilMs !== null && after.welcomeUntilMs !== before?.welcomeUntilMs && before) {
    for (const door of await doorsOf(deps, after.household)) {
      for (const id of idsOf(after)) await endAllBy(deps, door, id, after.welcomeUntilMs)
    }
  }
  if (before?.name === after.name && before.language === after.language) return
  await renameEverywhere(deps, after, idsOf(after), before !== null)
}

async function renameEverywhere(
  deps: VisitorDeps,
  { household, name, language }: Visitor,
  ids: readonly string[],
  mayHaveCredentials = true,
): Promise<void> {
  for (const door of await doorsOf(deps, household)) {
    const credentials = mayHaveCredentials ? await deps.credentials.ofDoor(door) : []
    for (const credential of credentials) {
      if (!ids.includes(credential.visitorId)) continue
      await deps.credentials.rename(credential, { name, language })
    }
    for (const visitorId of ids) {
      await command(deps, door.doorId, { type: 'visitor-changed', visitorId, name, language })
    }
  }
}

const doorsOf = async (deps: VisitorDeps, household: string): Promise<DoorRef[]> =>
  ((await deps.household(household))?.doors ?? []).map(({ doorId }) => ({ household, doorId }))

async function forgetFaces(deps: VisitorDeps, { household, visitorId, faceIds }: Visitor) {
  await deps.faces.forget(household, faceIds)
  await deps.visitors.setFaceIds(household, visitorId, [])
}

/** A code that was sent a moment ago must not open the door for a blocked visitor. */
async function revokeEverywhere(deps: VisitorDeps, visitor: Visitor) {
  const why = 'the visitor was blocked'
  for (const door of await doorsOf(deps, visitor.household)) {
    await revokeGrants(deps, door, visitor.visitorId, why)
    for (const id of idsOf(visitor)) await withdrawAllOf(deps, door, id, { why })
  }
}

async function indexOrDeleteFace(
  deps: VisitorDeps,
  visitor: Visitor,
  isReplaced: boolean,
): Promise<void> {
  const { household, visitorId, faceIds, photo, remembersFace } = visitor
  const isStale = faceIds.length > 0 && (isReplaced || !remembersFace)
  if (isStale && !(remembersFace && photo)) return forgetFaces(deps, visitor)
  if (!remembersFace || !photo || (faceIds.length > 0 && !isStale)) return
  const stored = await deps.photos.read(photo.key)
  if (!stored) return
  const indexed = await deps.faces.remember(household, stored.bytes, { kind: 'visitor', visitorId })
  if (indexed.length === 0) {
    deps.log.warn({ visitorId }, 'no face in the photo to index')
    // Storing an empty result again would be a change, and cause this call again without end.
    return isStale ? forgetFaces(deps, visitor) : undefined
  }
  if (isStale) await deps.faces.forget(household, faceIds)
  // False when the visitor was deleted meanwhile.
  const isStored = await deps.visitors.setFaceIds(household, visitorId, indexed)
  if (!isStored) await deps.faces.forget(household, indexed)
}

/**
 * The faces of `gone` become faces of the visitor whom they were merged into. New faces come first,
 * so that the person is recognised at any moment.
 */
export async function visitorMerged(
  deps: VisitorDeps,
  gone: Visitor,
  intoId: string,
): Promise<void> {
  const { household, visitorId, photo } = gone
  const kept = await deps.visitors.find(household, intoId)
  const isSamePhoto = kept?.photo?.sha256 === photo?.sha256
  const jpeg = gone.remembersFace && photo && !isSamePhoto && (await deps.photos.read(photo.key))
  if (kept && jpeg) {
    const owner = { kind: 'visitor', visitorId: kept.visitorId } as const
    const indexed = await deps.faces.remember(household, jpeg.bytes, owner)
    await deps.visitors.setFaceIds(household, kept.visitorId, [...kept.faceIds, ...indexed])
  }
  // Their credentials go on, under the id that the doors know.
  if (kept?.blocked) await revokeEverywhere(deps, { ...kept, merged: [visitorId] })
  else if (kept) await renameEverywhere(deps, kept, [visitorId])
  const { faces, photos } = await forgetPictures(deps, gone)
  deps.log.info({ visitorId, into: intoId, faces, photos }, 'visitor merged')
}

export type ForgottenVisitor = Pick<Visitor, 'household' | 'visitorId' | 'faceIds' | 'merged'>

/** Deletes photos, faces, grants and snapshots. Only the fact of the removal remains. */
export async function forgetVisitor(deps: VisitorDeps, visitor: ForgottenVisitor): Promise<void> {
  const { household, visitorId, merged = [] } = visitor
  const { faces, photos } = await forgetPictures(deps, visitor)
  for (const door of await doorsOf(deps, household)) {
    const why = 'the visitor was deleted'
    await revokeGrants(deps, door, visitorId, why)
    await withdrawAllOf(deps, door, visitorId, { why, forgets: true })
    await command(deps, door.doorId, { type: 'visitor-removed', visitorId })
  }
  await deps.visits.forgetSeen(household, visitorId)
  const snapshots = await deleteSnapshotsOf(deps, household, visitorId)
  deps.log.info({ visitorId, faces, photos, snapshots }, 'visitor forgotten')
  for (const id of merged) {
    await deps.visitors.remove(household, id, deps.clock.nowMs())
    await forgetVisitor(deps, { household, visitorId: id, faceIds: [] })
  }
}

/** Returns how many were deleted. */
async function forgetPictures(deps: VisitorDeps, visitor: ForgottenVisitor) {
  const { household, visitorId, faceIds } = visitor
  const ids = [...new Set([...faceIds, ...(await facesNamedAfter(deps, visitor))])]
  if (ids.length > 0) await deps.faces.forget(household, ids)
  const photos = await deps.photos.list(`visitors/${household}/${visitorId}/`)
  await deps.photos.remove(photos.map(({ key }) => key))
  return { faces: ids.length, photos: photos.length }
}

/** A face may have been indexed without its id being stored. */
async function facesNamedAfter(deps: VisitorDeps, { household, visitorId }: ForgottenVisitor) {
  const name = faceName({ kind: 'visitor', visitorId })
  const all = await deps.faces.list(household)
  return all.filter((face) => face.name === name).map(({ faceId }) => faceId)
}

async function revokeGrants(
  deps: VisitorDeps,
  door: DoorRef,
  visitorId: string,
  reason: string,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  // Expired grants too, since they name the visitor until they are closed.
  for (const { grantId, tag, expiresAtMs, ...grant } of await deps.passcodes.live(door, 0)) {
    if (grant.visitorId !== visitorId) continue
    await deps.passcodes.close({ ...door, grantId, tag }, 'revoked', nowMs)
    if (expiresAtMs <= nowMs) continue
    await command(deps, door.doorId, { type: 'revoke-grant', grantId, reason })
  }
}

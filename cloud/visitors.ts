/** What follows when who is on file changes: faces are learnt or forgotten, doors are told. */
import { type CommandDeps, command } from './commands.ts'
import type { Visitor } from './core/people.ts'
import type { FindHousehold } from './households.ts'
import type { Faces, Log, Passcodes, Photos, Visitors } from './ports.ts'

export interface VisitorDeps extends CommandDeps {
  readonly visitors: Visitors
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
    if (before) await forget(deps, before)
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
  // Deleted meanwhile: then nothing of them may stay.
  const isKept = await deps.visitors.setFaceIds(household, visitorId, learnt)
  if (!isKept) await deps.faces.forget(household, learnt)
}

async function tellDoors(deps: VisitorDeps, { household, visitorId, name, language }: Visitor) {
  for (const { doorId } of (await deps.household(household))?.doors ?? []) {
    await command(deps, doorId, { type: 'visitor-changed', visitorId, name, language })
  }
}

/** Photos, thumbnails, face ids and live grants, everywhere. What is left is that they were removed. */
async function forget(deps: VisitorDeps, visitor: Visitor): Promise<void> {
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
  deps.log.info({ visitorId, faces: ids.length, photos: photos.length }, 'visitor forgotten')
}

/** A face may have been learnt whose id was never written down. */
async function facesNamedAfter(deps: VisitorDeps, { household, visitorId }: Visitor) {
  const all = await deps.faces.list(household)
  return all.filter(({ name }) => name === `visitor-${visitorId}`).map(({ faceId }) => faceId)
}

async function withdrawGrants(
  deps: VisitorDeps,
  door: { readonly household: string; readonly doorId: string },
  visitorId: string,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  for (const grant of await deps.passcodes.live(door, nowMs)) {
    if (grant.visitorId !== visitorId) continue
    const { grantId } = grant
    await deps.passcodes.close({ ...door, grantId, tag: grant.tag }, 'revoked', nowMs)
    const reason = 'the visitor was deleted'
    await command(deps, door.doorId, { type: 'revoke-grant', grantId, reason })
  }
}

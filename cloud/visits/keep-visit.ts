/** Keeps a visit longer than others, or deletes it now. */
import { requestLifeMs } from '../approvals/core/approval-request.ts'
import type { Member } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'
import type { Visit } from './core/visit.ts'

type Folder = 'snapshots' | 'faces' | 'clips' | 'kept'

export const folderOf = ({ doorId, visitId }: Visit, folder: Folder): string =>
  `${folder}/${doorId}/${visitId}/`

/** The key of a picture after its visit was kept: the bucket deletes the original. */
export const keptKey = (key: string): string => key.replace(/^(snapshots|faces)\//, 'kept/')

/** Copies the pictures, and then marks the visit, so that a crash leaves nothing half done. */
export async function keepVisit(
  { visits, photos, clock, log }: Uses<'visits' | 'photos'>,
  visit: Visit,
  { email, memberId }: Member,
): Promise<void> {
  const { doorId, visitId } = visit
  const pictures = [
    ...(await photos.list(folderOf(visit, 'snapshots'))),
    ...(await photos.list(folderOf(visit, 'faces'))),
  ]
  await Promise.all(pictures.map(({ key }) => copy(photos, key)))
  await visits.keep(visit, { by: email, atMs: clock.nowMs() })
  log.info({ doorId, visitId, memberId, pictures: pictures.length }, 'visit kept')
}

async function copy(photos: Uses<'photos'>['photos'], key: string): Promise<void> {
  const stored = await photos.read(key)
  if (stored) await photos.write(keptKey(key), stored.bytes)
}

/** No visit is longer, if its end was not reported. */
const longestVisitMs = 10 * 60_000

/** Until then its code, its question to the owner and messages of the door may change it. */
export const isOver = ({ endedAtMs, startedAtMs }: Visit, nowMs: number): boolean =>
  nowMs > (endedAtMs ?? startedAtMs + longestVisitMs) + requestLifeMs

/** Pictures first: as long as the visit is there, deleting it can be repeated. */
export async function deleteVisit(
  { visits, photos, clock, log }: Uses<'visits' | 'photos'>,
  visit: Visit,
  { memberId }: Member,
): Promise<void> {
  const { doorId, visitId } = visit
  const folders = ['snapshots', 'faces', 'clips', 'kept'] as const
  const stored = await Promise.all(folders.map((one) => photos.list(folderOf(visit, one))))
  const keys = stored.flat().map(({ key }) => key)
  if (keys.length > 0) await photos.remove(keys)
  await visits.remove(visit, clock.nowMs())
  log.info({ doorId, visitId, memberId, pictures: keys.length }, 'visit deleted')
}

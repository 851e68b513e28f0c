/** Deletes the snapshots, faces and clips that show a deleted visitor. */
import { visitorIdOf } from '../approvals/about-request.ts'
import type { Uses } from '../ports.ts'
import { subjectsIn, takenAtOf, type Visit } from './core/visit.ts'
import { personIs } from './core/who-came.ts'
import { keptKey } from './keep-visit.ts'

type Deps = Uses<'visits' | 'photos' | 'approvalRequests'>

/** The bucket deletes older ones by its own rule, once a day, so this is a day more. */
const snapshotsKeptMs = 31 * 24 * 3_600_000
const visitsPerPage = 100

/** Returns how many were deleted. */
export async function deleteSnapshotsOf(
  deps: Deps,
  household: string,
  visitorId: string,
): Promise<number> {
  const fromMs = deps.clock.nowMs() - snapshotsKeptMs
  const query = { household, fromMs, limit: visitsPerPage }
  let deleted = 0
  let after: string | null = null
  do {
    const page = await deps.visits.history({ ...query, ...(after !== null && { after }) })
    for (const visit of page.visits) {
      await forgetNames(deps, visit, visitorId)
      deleted += await deleteIn(deps, visit, visitorId)
    }
    after = page.next
  } while (after !== null)
  return deleted + (await deleteKept(deps, household, visitorId))
}

/** What the visitor typed on their phone. Requests do not last longer than snapshots. */
async function forgetNames(
  { approvalRequests }: Deps,
  { household, doorId, visitId, scans }: Visit,
  visitorId: string,
): Promise<void> {
  for (const subject of scans) {
    const request = await approvalRequests.find({ household, doorId, visitId, subject })
    if (request && visitorIdOf(request) === visitorId) await approvalRequests.forgetName(request)
  }
}

/** Owners keep few visits, but for years. */
async function deleteKept(deps: Deps, household: string, visitorId: string): Promise<number> {
  const kept = await deps.photos.list(`kept/${household}_`)
  const places = new Set(kept.map(({ key }) => key.split('/').slice(1, 3).join('/')))
  let deleted = 0
  for (const place of places) {
    const [doorId = '', visitId = ''] = place.split('/')
    const visit = await deps.visits.find({ household, doorId, visitId })
    if (visit) deleted += await deleteIn(deps, visit, visitorId)
  }
  return deleted
}

/**
 * Deletes whole snapshots, but not the faces that were cut out of them for requests about others.
 * Deletes all clips of the visit: they show everybody, and can be made again from the recording.
 */
async function deleteIn(deps: Deps, visit: Visit, visitorId: string): Promise<number> {
  const { mine, others } = keysIn(visit, visitorId, await allowedAs(deps, visit))
  if (mine.length === 0) return 0
  const times = new Set(mine.map(takenAtOf))
  const keptOthers = new Set([...others].map(keptKey))
  const { doorId, visitId } = visit
  const { photos } = deps
  const list = (folder: string) => photos.list(`${folder}/${doorId}/${visitId}/`)
  const stored = [...(await list('snapshots')), ...(await list('faces')), ...(await list('kept'))]
  const showing = stored.filter(
    ({ key }) => times.has(takenAtOf(key)) && !others.has(key) && !keptOthers.has(key),
  )
  const keys = [...showing, ...(await list('clips'))].map(({ key }) => key)
  if (keys.length > 0) await photos.remove(keys)
  return keys.length
}

/** By face: the visitors that a stranger of the visit is, or would be, on file. */
async function allowedAs({ approvalRequests }: Deps, visit: Visit) {
  const { household, doorId, visitId } = visit
  const found = await Promise.all(
    subjectsIn(visit).map((subject) =>
      approvalRequests.find({ household, doorId, visitId, subject }),
    ),
  )
  const requests = found.filter((request) => request !== null)
  return Map.groupBy(requests, ({ face }) => face?.key)
}

function keysIn(visit: Visit, visitorId: string, onFile: Awaited<ReturnType<typeof allowedAs>>) {
  const matches = Object.entries(visit.matches)
  const isMatch = (id: string) => personIs(visit, { recognised: id }) === visitorId
  const wasMatched = matches.some(([id]) => isMatch(id))
  const isThem = ({ number, face, resembles }: Visit['strangers'][number]) =>
    personIs(visit, { stranger: number }) === visitorId ||
    onFile.get(face.key)?.some((request) => visitorIdOf(request) === visitorId) ||
    (wasMatched && resembles?.visitorId === visitorId)
  const mine = [
    ...matches.flatMap(([id, keys]) => (isMatch(id) ? keys : [])),
    ...visit.strangers.filter(isThem).flatMap(({ face, snapshots }) => [face.key, ...snapshots]),
  ]
  const others = new Set([
    ...matches.flatMap(([id, keys]) => (isMatch(id) ? [] : keys)),
    ...visit.strangers.filter((one) => !isThem(one)).map(({ face }) => face.key),
  ])
  return { mine, others }
}

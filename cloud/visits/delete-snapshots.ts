/** Deletes the snapshots, faces and clips that show a deleted visitor. */
import { visitorIdOf } from '../approvals/about-request.ts'
import type { Uses } from '../ports.ts'
import { subjectOf, takenAtOf, type Visit } from './core/visit.ts'

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
    for (const visit of page.visits) deleted += await deleteIn(deps, visit, visitorId)
    after = page.next
  } while (after !== null)
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
  const { doorId, visitId } = visit
  const { photos } = deps
  const list = (folder: string) => photos.list(`${folder}/${doorId}/${visitId}/`)
  const stored = [...(await list('snapshots')), ...(await list('faces'))]
  const showing = stored.filter(({ key }) => times.has(takenAtOf(key)) && !others.has(key))
  const keys = [...showing, ...(await list('clips'))].map(({ key }) => key)
  if (keys.length > 0) await photos.remove(keys)
  return keys.length
}

/** By number: the visitor that a stranger of the visit is, or would be, on file. */
async function allowedAs({ approvalRequests }: Deps, visit: Visit) {
  const { household, doorId, visitId } = visit
  const found = await Promise.all(
    visit.strangers.map(async ({ number }) => {
      const ref = { household, doorId, visitId, subject: subjectOf(number) }
      const request = await approvalRequests.find(ref)
      return [number, request && visitorIdOf(request)] as const
    }),
  )
  return new Map(found)
}

function keysIn(visit: Visit, visitorId: string, onFile: ReadonlyMap<number, string | null>) {
  const wasMatched = visitorId in visit.matches
  const isThem = ({ number, resembles }: Visit['strangers'][number]) =>
    onFile.get(number) === visitorId || (wasMatched && resembles?.visitorId === visitorId)
  const mine = [
    ...(visit.matches[visitorId] ?? []),
    ...visit.strangers.filter(isThem).flatMap(({ face, snapshots }) => [face.key, ...snapshots]),
  ]
  const others = new Set([
    ...Object.entries(visit.matches).flatMap(([id, keys]) => (id === visitorId ? [] : keys)),
    ...visit.strangers.filter((one) => !isThem(one)).map(({ face }) => face.key),
  ])
  return { mine, others }
}

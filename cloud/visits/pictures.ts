/** The pictures that doors took of somebody: whoever is deleted wants those gone as well. */

import type { Clock, Photos, Visits } from '../ports.ts'
import { visitorIdOf } from '../visitors/visitor-id.ts'
import { momentOf, subjectOf, type Visit } from './core/visit.ts'

export interface SeenPicturesDeps {
  readonly visits: Pick<Visits, 'history'>
  readonly photos: Pick<Photos, 'list' | 'remove'>
  readonly clock: Clock
}

/** Older ones the bucket's own rule has let go of; a day more, as it comes round once a day. */
const picturesKeptMs = 31 * 24 * 3_600_000
const visitsAtOnce = 100

/** Says how many there were. */
export async function forgetSeen(
  deps: SeenPicturesDeps,
  household: string,
  visitorId: string,
): Promise<number> {
  const query = { household, fromMs: deps.clock.nowMs() - picturesKeptMs, limit: visitsAtOnce }
  let forgotten = 0
  let after: string | null = null
  do {
    const page = await deps.visits.history({ ...query, ...(after !== null && { after }) })
    for (const visit of page.visits) forgotten += await forgetIn(deps, visit, visitorId)
    after = page.next
  } while (after !== null)
  return forgotten
}

/**
 * A still goes as a whole; faces of others that were cut out of it stay with their own requests.
 * Clips go all: they show whoever was there, and can be made again for as long as there is film.
 */
async function forgetIn(
  { photos }: SeenPicturesDeps,
  visit: Visit,
  visitorId: string,
): Promise<number> {
  const { mine, others } = picturesIn(visit, visitorId)
  if (mine.length === 0) return 0
  const moments = new Set(mine.map(momentOf))
  const { doorId, visitId } = visit
  const folders = ['snapshots', 'faces'].map((kind) => `${kind}/${doorId}/${visitId}/`)
  const stored = (await Promise.all(folders.map((folder) => photos.list(folder)))).flat()
  const clips = await photos.list(`clips/${doorId}/${visitId}/`)
  const pictures = stored
    .map(({ key }) => key)
    .filter((key) => moments.has(momentOf(key)) && !others.has(key))
  const keys = [...pictures, ...clips.map(({ key }) => key)]
  if (keys.length > 0) await photos.remove(keys)
  return keys.length
}

function picturesIn(visit: Visit, visitorId: string) {
  const wasMatched = visitorId in visit.matches
  const isThem = ({ number, resembles }: Visit['strangers'][number]) =>
    visitorIdOf({ ...visit, subject: subjectOf(number) }) === visitorId ||
    (wasMatched && resembles?.visitorId === visitorId)
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

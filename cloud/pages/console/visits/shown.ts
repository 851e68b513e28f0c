/** How the pages name a visit: who came, what became of it, and a picture. */
import type { WebDeps } from '../../../api/shared.ts'
import { fill } from '../../../translations/translations.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { standingWhys } from '../../../visits/core/timeline.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import { outcomeOf, peopleIn } from '../../../visits/core/who-came.ts'
import { keptKey } from '../../../visits/keep-visit.ts'
import type { Here } from '../console.ts'

export type People = ReadonlyMap<string, Pick<Visitor, 'name'>>

/**
 * All visitors on file who are in these visits; for one who was merged into another, the other. And
 * those who are only named, with their code.
 */
export async function peopleOf(
  { visitors, owners }: WebDeps,
  household: string,
  visits: readonly Visit[],
): Promise<People> {
  const ids = [...new Set(visits.flatMap(peopleIn))]
  const found = await Promise.all(
    ids.map(async (id) => [id, await visitors.find(household, id)] as const),
  )
  const named = visits.some(isByNamedHolder) ? await owners.credentials.holders(household) : []
  return new Map([...named, ...found.flatMap(([id, one]) => (one ? [[id, one] as const] : []))])
}

const namedWhys: readonly string[] = [standingWhys.guest, standingWhys.courier]

const isByNamedHolder = ({ timeline }: Visit): boolean =>
  timeline.some(({ why }) => namedWhys.includes(why))

export const nameOf = ({ words }: Here, people: People, visitorId: string): string =>
  people.get(visitorId)?.name ?? words.visits.deletedPerson

export function whoCame(here: Here, visit: Visit, people: People): string {
  const words = here.words.visits
  const names = peopleIn(visit).map((id) => nameOf(here, people, id))
  if (names.length > 0) return new Intl.ListFormat(here.language).format(names)
  if (visit.strangers.length > 1) return fill(words.unknownMany, { count: visit.strangers.length })
  return visit.strangers.length === 1 ? words.unknown : words.noFace
}

/** A visit whose end was not reported is over after this. */
const goesOnMs = 15 * 60_000

export function whatBecame({ words }: Here, visit: Visit, nowMs: number): string {
  const outcome = outcomeOf(visit)
  if (outcome) return words.visits.outcomes[outcome]
  return nowMs - visit.startedAtMs < goesOnMs
    ? words.visits.goesOn
    : words.visits.outcomes['no-entry']
}

export const doorNameOf = ({ home }: Here, doorId: string): string =>
  home.doors.find((door) => door.doorId === doorId)?.name ?? doorId

/** The bucket deletes pictures that are not kept after thirty days. */
const picturesKeptMs = 30 * 24 * 3_600_000

/** Key of a face; null when there is none, or it has expired. */
export function faceOf(visit: Visit, nowMs: number): string | null {
  const [stranger] = visit.strangers
  const key = Object.values(visit.matches)[0]?.[0] ?? stranger?.face.key
  return key === undefined ? null : pictureKey(visit, key, nowMs)
}

export function pictureKey({ kept, startedAtMs }: Visit, key: string, nowMs: number) {
  if (kept) return keptKey(key)
  return nowMs - startedAtMs < picturesKeptMs ? key : null
}

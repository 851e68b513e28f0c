/** Everything that is stored about a household, or about one person on file, for a file to take away. */
import type { Uses } from '../ports.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { Visit } from '../visits/core/visit.ts'

type ExportDeps = Uses<'households' | 'visitors' | 'visits' | 'webOrigin'>

/** Of a file, because the answer of a function has a limit. */
export const visitsPerFile = 1_000
const visitsPerRead = 100

/** Null without the household. `after` is the `nextVisits` of the file before. */
export async function exportHousehold(deps: ExportDeps, name: string, after: string | null) {
  const [household, people, { visits, next }] = await Promise.all([
    deps.households.find(name),
    deps.visitors.list(name),
    visitsOf(deps, name, after),
  ])
  if (!household) return null
  return {
    exportedAtMs: deps.clock.nowMs(),
    household,
    people: people.map((person) => personIn(deps, person)),
    visits: visits.map((visit) => visitIn(deps, visit)),
    nextVisits: next,
  }
}

/** Null when no one of this id is on file. The visits are those of the household's last. */
export async function exportPerson(deps: ExportDeps, household: string, visitorId: string) {
  const person = await deps.visitors.find(household, visitorId)
  if (!person) return null
  const ids = [person.visitorId, ...(person.merged ?? [])]
  const { visits } = await visitsOf(deps, household, null)
  return {
    exportedAtMs: deps.clock.nowMs(),
    person: personIn(deps, person),
    visits: visits.filter(isOf(ids)).map((visit) => visitIn(deps, visit)),
  }
}

async function visitsOf({ visits }: ExportDeps, household: string, after: string | null) {
  const found: Visit[] = []
  let next = after
  do {
    const from = next === null ? {} : { after: next }
    const page = await visits.history({ household, limit: visitsPerRead, ...from })
    found.push(...page.visits)
    next = page.next
  } while (next !== null && found.length < visitsPerFile)
  return { visits: found, next }
}

/** Also visits in which the person got a code but was not recognised, unlike the filter of visits. */
const isOf =
  (ids: readonly string[]) =>
  ({ matches, grants, timeline }: Visit): boolean =>
    ids.some(
      (id) => id in matches || id in grants || timeline.some(({ visitorId }) => visitorId === id),
    )

/** The ids of faces say nothing outside of Rekognition. */
const personIn = ({ webOrigin }: ExportDeps, { photo, faceIds, ...person }: Visitor) => ({
  ...person,
  isLearnt: faceIds.length > 0,
  photo: photo && `${webOrigin}/people/${person.visitorId}/photo`,
})

function visitIn({ webOrigin }: ExportDeps, { strangers, ...visit }: Visit) {
  const keys = [
    ...Object.values(visit.matches).flat(),
    ...strangers.flatMap(({ face, snapshots }) => [face.key, ...snapshots]),
  ]
  return {
    ...visit,
    strangers: strangers.map(({ number, resembles }) => ({ number, resembles })),
    pictures: [...new Set(keys)].map((key) => `${webOrigin}/${key}`),
  }
}

/** The list of visits, also as a table. One visit is in visit.ts. */
import type { WebDeps } from '../../../api/shared.ts'
import { findPeople } from '../../../visitors/core/people-search.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import { unknownPerson } from '../../../visits/core/who-came.ts'
import { type ConsoleRoute, get, type Here } from '../console.ts'
import { listPage } from './list.ts'
import { type Asked, askedIn, historyOf } from './query.ts'
import { peopleOf } from './shown.ts'
import { tableOf } from './table.ts'

export const visitListRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/visits', 'viewer', (here) => list(deps, here)),
  get('/visits.csv', 'viewer', (here) => table(deps, here)),
]

const perPage = 30

async function list(deps: WebDeps, here: Here) {
  const asked = askedIn(here.context.req.query())
  const { people: wanted, person, tooMany } = await peopleFor(deps, here, asked)
  const query = historyOf(here.home, asked, wanted)
  const page = await deps.visits.history({ ...query, limit: perPage })
  const people = await peopleOf(deps, here.home.household, page.visits)
  const nowMs = deps.clock.nowMs()
  return here.context.html(listPage(here, { ...page, asked, people, person, tooMany, nowMs }))
}

/**
 * Whose visits are asked for: one person, or those whom a search by name and tag finds; undefined for
 * all. The visits of each are merged, so they are not too many.
 */
async function peopleFor({ visitors, clock }: WebDeps, here: Here, { search, person }: Asked) {
  const none = { people: undefined, person: null, tooMany: false }
  if (person === unknownPerson) return { ...none, people: [person] }
  if (person !== undefined) {
    const found = await visitors.find(here.home.household, person)
    return { ...none, people: found ? idsOf(found) : [person], person: found?.name ?? null }
  }
  if (search === undefined) return none
  const all = await visitors.list(here.home.household)
  const { people, total } = findPeople(all, { search }, { seen: new Map(), nowMs: clock.nowMs() })
  return { ...none, people: people.flatMap(idsOf), tooMany: total > people.length }
}

/** Visits name a visitor as they were called before they were merged into another. */
const idsOf = ({ visitorId, merged = [] }: Visitor): readonly string[] => [visitorId, ...merged]

/** What one answer of a function holds, and is read in seconds. */
const mostInTable = 5_000
const perQuery = 100

async function table(deps: WebDeps, here: Here) {
  const asked = askedIn(here.context.req.query())
  const query = historyOf(here.home, asked, (await peopleFor(deps, here, asked)).people)
  const visits: Visit[] = []
  let after = query.after
  do {
    const page = await deps.visits.history({ ...query, after, limit: perQuery })
    visits.push(...page.visits)
    after = page.next ?? undefined
  } while (after !== undefined && visits.length < mostInTable)
  const people = await peopleOf(deps, here.home.household, visits)
  const { context } = here
  context.header('content-type', 'text/csv; charset=utf-8')
  context.header('content-disposition', 'attachment; filename="visits.csv"')
  return context.body(tableOf(here, visits, { people, nowMs: deps.clock.nowMs() }))
}

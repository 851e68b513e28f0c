/** The list of visits, also as a table. One visit is in visit.ts. */
import type { WebDeps } from '../../../api/shared.ts'
import { findPeople } from '../../../visitors/core/people-search.ts'
import type { Visit } from '../../../visits/core/visit.ts'
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
  const search = await searched(deps, here, asked)
  const query = historyOf(here.home, asked, search.people)
  const page = await deps.visits.history({ ...query, limit: perPage })
  const { household } = here.home
  const [people, person] = await Promise.all([
    peopleOf(deps, household, page.visits),
    asked.person === undefined ? null : deps.visitors.find(household, asked.person),
  ])
  const shown = { ...page, asked, people, person: person?.name ?? null }
  return here.context.html(
    listPage(here, { ...shown, tooMany: search.tooMany, nowMs: deps.clock.nowMs() }),
  )
}

/** By name and tag; all people without a search. Their visits are merged, so they are not too many. */
async function searched({ visitors, clock }: WebDeps, here: Here, { search }: Asked) {
  if (search === undefined) return { people: undefined, tooMany: false }
  const all = await visitors.list(here.home.household)
  const { people, total } = findPeople(all, { search }, { seen: new Map(), nowMs: clock.nowMs() })
  return { people: people.map(({ visitorId }) => visitorId), tooMany: total > people.length }
}

/** What one answer of a function holds, and is read in seconds. */
const mostInTable = 5_000
const perQuery = 100

async function table(deps: WebDeps, here: Here) {
  const asked = askedIn(here.context.req.query())
  const query = historyOf(here.home, asked, (await searched(deps, here, asked)).people)
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

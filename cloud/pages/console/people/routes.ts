/** The people on file: the list, one person, and what an owner may do with one. */
import * as z from 'zod/mini'
import type { WebDeps } from '../../../api/shared.ts'
import { mayAct } from '../../../members/core/household.ts'
import { findPeople, tagsOf } from '../../../visitors/core/people-search.ts'
import { codesOfPerson } from '../codes/routes.ts'
import { saidSchema } from '../codes/typed.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { peopleQueryOf, personOf } from './asked.ts'
import { formRoutes } from './form.ts'
import { listPage } from './list-view.ts'
import { mergeRoutes } from './merge.ts'
import { personPage } from './person-view.ts'
import { photoRoutes } from './photo.ts'

export const peopleRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/people', 'viewer', (here) => list(deps, here)),
  // Before `/people/:id`, which would take "new" for an id.
  ...formRoutes(deps),
  ...mergeRoutes(deps),
  ...photoRoutes(deps),
  get('/people/:id', 'viewer', (here) => show(deps, here)),
  post('/people/:id/block', 'owner', (here) => block(deps, here)),
  post('/people/:id/delete', 'owner', (here) => remove(deps, here)),
]

// ---------------------------------------------------------------- the list

async function list(deps: WebDeps, here: Here) {
  const { household } = here.home
  const [all, seen] = await Promise.all([
    deps.visitors.people(household),
    deps.visits.lastSeen(household),
  ])
  const query = peopleQueryOf(here)
  const nowMs = deps.clock.nowMs()
  const found = findPeople(all, query, { seen, nowMs })
  const isEmpty = all.length === 0
  return here.context.html(
    listPage(here, { found, query, seen, nowMs, isEmpty, tags: tagsOf(all) }),
  )
}

// ---------------------------------------------------------------- one person

async function show(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  const { visitorId } = person
  // Pages about visits may name a person who was merged into this one.
  if (visitorId !== here.context.req.param('id')) return goTo(here, `/people/${visitorId}`)
  const seen = await deps.visits.lastSeen(here.home.household)
  const seenAtMs = seen.get(visitorId) ?? null
  const codes = mayAct(here.role, 'owner') ? await codesOfPerson(deps, here, person) : null
  const said = saidSchema.safeParse(here.context.req.query('said')).data ?? null
  const nowMs = deps.clock.nowMs()
  return here.context.html(personPage(here, { person, seenAtMs, nowMs, codes, said }))
}

const blockSchema = z.strictObject({ blocked: z.enum(['yes', 'no']) })

async function block(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  const form = await formOf(here, blockSchema)
  if (!form) return invalidIn(here)
  const edit = { blocked: form.blocked === 'yes' }
  await deps.owners.editVisitor(here.member, person.visitorId, edit)
  return goTo(here, `/people/${person.visitorId}`)
}

/** Deleting the record triggers the deletion of photos, faces and codes. */
async function remove(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  await deps.visitors.remove(here.home.household, person.visitorId, deps.clock.nowMs())
  return goTo(here, '/people')
}

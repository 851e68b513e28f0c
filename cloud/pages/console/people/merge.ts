/** Two people who are the same person: choosing the other, and the question before it is done. */
import { html } from 'hono/html'
import * as z from 'zod/mini'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { fill } from '../../../translations/translations.ts'
import { findPeople, type ListedPerson } from '../../../visitors/core/people-search.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  type Html,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { framed } from '../frame.ts'
import { peopleQueryOf, personOf } from './asked.ts'
import { portrait, validityWords } from './words.ts'

export const mergeRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/people/:id/merge', 'owner', (here) => choose(deps, here)),
  post('/people/:id/merge', 'owner', (here) => merge(deps, here)),
]

async function choose(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  const { household } = here.home
  const nowMs = deps.clock.nowMs()
  const other = hexId.safeParse(here.context.req.query('with'))
  if (other.success) {
    const found = await deps.visitors.find(household, other.data)
    if (!found || found.visitorId === person.visitorId) return notFoundIn(here)
    return here.context.html(questionPage(here, person, { other: found, nowMs }))
  }
  const query = peopleQueryOf(here)
  const all = await deps.visitors.people(household)
  const others = all.filter(({ visitorId }) => visitorId !== person.visitorId)
  const { people } = findPeople(others, query, { seen: new Map(), nowMs })
  return here.context.html(choosePage(here, person, { people, nowMs, search: query.search ?? '' }))
}

const formSchema = z.strictObject({ other: hexId })

async function merge(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  const form = await formOf(here, formSchema)
  if (!form) return invalidIn(here)
  const { household } = here.home
  const merged = await deps.owners.mergeVisitors(household, person.visitorId, form.other)
  if (merged === null) return notFoundIn(here)
  if (merged.outcome === 'merged') return goTo(here, `/people/${person.visitorId}`)
  const other = await deps.visitors.find(household, form.other)
  if (!other) return notFoundIn(here)
  const again = { other, nowMs: deps.clock.nowMs(), isConflict: true }
  return here.context.html(questionPage(here, person, again), 409)
}

interface Choice {
  readonly people: readonly ListedPerson[]
  readonly nowMs: number
  readonly search: string
}

function choosePage(here: Here, person: Visitor, { people, nowMs, search }: Choice): Html {
  const words = here.words.people
  const { visitorId, name } = person
  return framed(here, {
    title: fill(words.mergeTitle, { name }),
    section: 'people',
    body: html`<h1>${fill(words.mergeTitle, { name })}</h1>
      <p class="quiet">${fill(words.mergeDetail, { name })}</p>
      <form method="get" role="search">
        <div class="search">
          <label class="unseen" for="search">${words.search}</label>
          <input id="search" name="search" type="search" maxlength="200" value="${search}" placeholder="${words.search}">
          <button>${words.find}</button>
        </div>
      </form>
      ${people.length === 0 ? html`<p role="status">${words.nothingFound}</p>` : ''}
      <ul class="list people">${people.map(
        (one) => html`<li><a href="/people/${visitorId}/merge?with=${one.visitorId}">
          ${portrait(one)} <span><strong>${one.name}</strong>
          <span class="quiet">${validityWords(here, one, nowMs)}</span></span></a></li>`,
      )}</ul>
      <p><a class="button" href="/people/${visitorId}">${fill(words.back, { name })}</a></p>`,
  })
}

interface Question {
  readonly other: Visitor
  readonly nowMs: number
  readonly isConflict?: boolean
}

function questionPage(here: Here, person: Visitor, { other, nowMs, isConflict }: Question): Html {
  const words = here.words.people
  const { visitorId, name } = person
  const card = (one: Visitor) => html`<li class="person">${portrait(one)}
    <div><h2>${one.name}</h2><p class="quiet">${validityWords(here, one, nowMs)}</p></div></li>`
  return framed(here, {
    title: words.mergeQuestion,
    section: 'people',
    body: html`<h1>${words.mergeQuestion}</h1>
      ${isConflict ? html`<p class="problem" role="alert">${words.mergeConflict}</p>` : ''}
      <ul class="pair">${card(person)} ${card(other)}</ul>
      <p>${fill(words.mergeOutcome, { name, other: other.name })}</p>
      <form method="post" action="/people/${visitorId}/merge">
        <input type="hidden" name="other" value="${other.visitorId}">
        <div class="actions">
          <button class="next">${words.mergeNow}</button>
          <a class="button" href="/people/${visitorId}">${words.cancel}</a>
        </div>
      </form>`,
  })
}

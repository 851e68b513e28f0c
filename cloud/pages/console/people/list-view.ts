/** The HTML of the list of people. */
import { html } from 'hono/html'
import { mayAct } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import type {
  FoundPeople,
  ListedPerson,
  PeopleQuery,
} from '../../../visitors/core/people-search.ts'
import { checkbox, select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { time } from '../times.ts'
import { portrait, validityWords } from './words.ts'

interface PeopleList {
  readonly found: FoundPeople<ListedPerson>
  readonly query: PeopleQuery
  readonly seen: ReadonlyMap<string, number>
  readonly nowMs: number
  /** No one is on file at all. */
  readonly isEmpty: boolean
  /** All that are used. */
  readonly tags: readonly string[]
}

export const listPage = (here: Here, list: PeopleList): Html =>
  framed(here, {
    title: here.words.sections.people,
    section: 'people',
    body: html`<h1>${here.words.sections.people}</h1>
      ${list.isEmpty ? '' : searchForm(here, list)}
      ${results(here, list)}
      <p class="actions">
        ${mayAct(here.role, 'owner') ? html`<a class="button" href="/people/new">${here.words.people.add}</a>` : ''}
        <a class="button" href="/lists">${here.words.people.lists}</a>
      </p>`,
  })

function searchForm(here: Here, { query, tags }: PeopleList): Html {
  const words = here.words.people
  const lists = here.home.lists.map(({ listId, name }) => [listId, name] as const)
  const { search, page: _, ...filters } = query
  const count = Object.values(filters).filter((value) => value !== undefined).length
  const { all, ...states } = words.states
  return html`<form method="get" action="/people" role="search">
    <div class="search">
      <label class="unseen" for="search">${words.search}</label>
      <input id="search" name="search" type="search" maxlength="200" value="${search ?? ''}" placeholder="${words.search}">
      <button>${words.find}</button>
    </div>
    <details>
      <summary class="more">${words.more}${count > 0 ? ` (${count})` : ''}</summary>
      <div class="fields">
        ${select('state', words.state, { '': all, ...states }, query.state ?? '')}
        ${tags.length > 0 ? select('tag', words.tag, { '': words.anyTag, ...named(tags) }, query.tag ?? '') : ''}
        ${lists.length > 0 ? select('list', words.list, { '': words.anyList, ...Object.fromEntries(lists) }, query.list ?? '') : ''}
        ${select('sort', words.sort, words.sorts, query.sort ?? 'name')}
        ${checkbox('trustedFirst', words.trustedFirst, query.trustedFirst ?? false)}
        <button>${words.apply}</button>
      </div>
    </details>
  </form>`
}

const named = (tags: readonly string[]) => Object.fromEntries(tags.map((tag) => [tag, tag]))

function results(here: Here, list: PeopleList): Html {
  const words = here.words.people
  const { people, total } = list.found
  if (list.isEmpty) return html`<p>${words.none}</p><p class="quiet">${words.noneDetail}</p>`
  if (total === 0) {
    return html`<p role="status">${words.nothingFound}</p>
      <p><a class="button" href="/people">${words.everyone}</a></p>`
  }
  const count = total === 1 ? words.countOne : fill(words.count, { count: total })
  return html`<p class="quiet" role="status">${count}</p>
    <ul class="list people">${people.map((person) => entry(here, person, list))}</ul>
    ${pages(here, list)}`
}

function entry(here: Here, person: ListedPerson, { seen, nowMs }: PeopleList): Html {
  const words = here.words.people
  const seenAtMs = seen.get(person.visitorId)
  const star = person.trusted
    ? html` <span class="star" title="${words.favourite}">★<span class="unseen"> ${words.favourite}</span></span>`
    : ''
  return html`<li><a href="/people/${person.visitorId}">
    ${portrait(person)}
    <span>
      <strong>${person.name}</strong>${star}
      <span class="quiet">${validityWords(here, person, nowMs)}</span>
      ${person.tags.length > 0 ? html`<span class="quiet">${person.tags.join(' · ')}</span>` : ''}
      ${seenAtMs === undefined ? '' : html`<span class="quiet">${words.seen} ${time(here, seenAtMs, nowMs)}</span>`}
    </span></a></li>`
}

function pages(here: Here, { found: { previous, next }, query }: PeopleList): Html | string {
  const words = here.words.people
  if (previous === null && next === null) return ''
  const link = (page: number | null, text: string, rel: string) =>
    page === null
      ? ''
      : html`<a class="button" rel="${rel}" href="${addressOf(query, page)}">${text}</a>`
  return html`<p class="actions">${link(previous, words.previous, 'prev')} ${link(next, words.next, 'next')}</p>`
}

function addressOf(query: PeopleQuery, page: number): string {
  const asked = new URLSearchParams()
  const all = { ...query, trustedFirst: query.trustedFirst ? 'yes' : undefined, page }
  for (const [name, value] of Object.entries(all)) if (value) asked.set(name, String(value))
  return `/people?${asked}`
}

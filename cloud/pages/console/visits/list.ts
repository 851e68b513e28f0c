/** The HTML of the list of visits. */
import { html } from 'hono/html'
import { dayOf, timeOfDay } from '../../../letters/date-words.ts'
import { dateAt } from '../../../letters/days.ts'
import type { HistoryPage } from '../../../ports.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import { credentials, outcomes, unknownPerson } from '../../../visits/core/who-came.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { pathOf } from '../pictures.ts'
import { type Asked, addressOf } from './query.ts'
import { doorNameOf, faceOf, type People, whatBecame, whoCame } from './shown.ts'

interface Listed extends HistoryPage {
  readonly asked: Asked
  readonly people: People
  /** Name of the visitor that the list is filtered by. */
  readonly person: string | null
  /** The search found more people than are looked for. */
  readonly tooMany: boolean
  readonly nowMs: number
}

export function listPage(here: Here, listed: Listed): Html {
  const words = here.words.visits
  const { asked, visits } = listed
  const isFiltered = addressOf({ ...asked, after: undefined }) !== '/visits'
  return framed(here, {
    title: here.words.sections.visits,
    section: 'visits',
    body: html`<h1>${here.words.sections.visits}</h1>
      ${searchForm(here, listed, isFiltered)}
      ${listed.tooMany ? html`<p class="quiet">${words.tooMany}</p>` : ''}
      ${visits.length === 0 ? html`<p>${isFiltered ? words.noneFit : words.none}</p>` : ''}
      ${days(here, visits).map((day) => dayList(here, day, listed))}
      ${pages(here, listed)}`,
  })
}

function searchForm(here: Here, { asked, person }: Listed, isFiltered: boolean): Html {
  const words = here.words.visits
  const isOpen = [asked.door, asked.happened, asked.from, asked.to].some((one) => one !== undefined)
  return html`<form action="/visits" role="search">
    ${asked.person === undefined ? '' : html`<input type="hidden" name="person" value="${asked.person}"><p>${words.only} <b>${asked.person === unknownPerson ? words.unknown : (person ?? words.deletedPerson)}</b></p>`}
    <div class="field">
      <label for="search">${words.search}</label>
      <div class="search"><input id="search" name="search" type="search" value="${asked.search ?? ''}" maxlength="60" autocomplete="off">
        <button>${here.words.visit.find}</button></div>
    </div>
    <div class="actions"><details class="ask" ${isOpen ? 'open' : ''}>
      <summary class="button">${words.filter}</summary>
      <div class="filters">
        ${here.home.doors.length > 1 ? doorChoice(here, asked) : ''}
        <div class="field"><label for="happened">${words.happened}</label>
          <select id="happened" name="happened"><option value="">${words.any}</option>
            ${[...outcomes.slice(0, 1), ...credentials, ...outcomes.slice(1)].map((one) =>
              option(one, words.choices[one], asked.happened === one),
            )}</select></div>
        <div class="field"><label for="from">${words.from}</label>
          <input id="from" name="from" type="date" value="${asked.from ?? ''}"></div>
        <div class="field"><label for="to">${words.to}</label>
          <input id="to" name="to" type="date" value="${asked.to ?? ''}"></div>
        <button class="next">${words.show}</button>
      </div>
    </details>
    ${isFiltered ? html`<a class="button" href="/visits">${words.showAll}</a>` : ''}</div>
  </form>`
}

const option = (value: string, text: string, isChosen: boolean): Html =>
  html`<option value="${value}" ${isChosen ? 'selected' : ''}>${text}</option>`

const doorChoice = ({ words, home }: Here, asked: Asked): Html =>
  html`<div class="field"><label for="door">${words.visits.door}</label>
    <select id="door" name="door"><option value="">${words.visits.any}</option>
      ${home.doors.map(({ doorId, name }) => option(doorId, name, asked.door === doorId))}</select></div>`

interface Day {
  readonly date: string
  readonly visits: readonly Visit[]
}

function days({ place }: Here, visits: readonly Visit[]): readonly Day[] {
  const byDate = Map.groupBy(visits, ({ startedAtMs }) => dateAt(startedAtMs, place.timeZone))
  return [...byDate].map(([date, visits]) => ({ date, visits }))
}

function dayList(here: Here, { date, visits }: Day, listed: Listed): Html {
  const { words, language, place } = here
  const dayMs = 24 * 3_600_000
  const [today, yesterday] = [0, dayMs].map((ms) => dateAt(listed.nowMs - ms, place.timeZone))
  const relative =
    date === today ? words.visits.today : date === yesterday ? words.visits.yesterday : ''
  const [first] = visits
  const title = relative || (first ? dayOf(first.startedAtMs, language, place) : date)
  return html`<section aria-labelledby="day-${date}">
    <h2 id="day-${date}">${title}</h2>
    <ul class="list">${visits.map((visit) => row(here, visit, listed))}</ul>
  </section>`
}

function row(here: Here, visit: Visit, { people, nowMs }: Listed): Html {
  const face = faceOf(visit, nowMs)
  const at = timeOfDay(visit.startedAtMs, here.language, here.place)
  return html`<li><a class="visit" href="/visits/${visit.visitId}">
    ${face ? html`<img src="${pathOf(face)}" alt="" width="56" height="56" loading="lazy">` : html`<span class="no-face"></span>`}
    <span><b>${whoCame(here, visit, people)}</b><span class="quiet">${whatBecame(here, visit, nowMs)}, ${doorNameOf(here, visit.doorId)}</span></span>
    <span class="quiet">${at}</span></a></li>`
}

function pages(here: Here, { asked, next, visits }: Listed): Html {
  const words = here.words.visits
  const older = next && addressOf({ ...asked, after: next })
  const first = asked.after && addressOf({ ...asked, after: undefined })
  return html`<div class="actions">
    ${older ? html`<a class="button next" href="${older}" rel="next">${words.older}</a>` : ''}
    ${first ? html`<a class="button" href="${first}">${words.newest}</a>` : ''}
    ${visits.length === 0 ? '' : html`<a class="button" href="${addressOf({ ...asked, after: undefined }, '/visits.csv')}" download>${words.table}</a>`}
  </div>`
}

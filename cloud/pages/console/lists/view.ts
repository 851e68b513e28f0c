/** The HTML of guest lists. */
import { html } from 'hono/html'
import { mayAct } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import { hoursId } from '../../../visitors/change-lists.ts'
import type { GuestHours, GuestList } from '../../../visitors/core/guest-list.ts'
import type { HoursProblems, TypedHours } from '../../../visitors/core/guest-list-form.ts'
import { checkbox, field, select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'

interface NewList {
  readonly listId: string
  readonly name: string
  readonly problem?: string | undefined
}

export function allListsPage(here: Here, { listId, name, problem }: NewList): Html {
  const words = here.words.lists
  const { lists } = here.home
  const input = field({ name }, problem ? { name: problem } : {})
  return framed(here, {
    title: words.title,
    section: 'people',
    body: html`<h1>${words.title}</h1>
      <p class="quiet">${words.intro}</p>
      ${lists.length === 0 ? html`<p>${words.none}</p>` : ''}
      ${lists.length === 0 ? '' : html`<ul class="list people">${lists.map((list) => entry(here, list))}</ul>`}
      ${
        mayAct(here.role, 'owner')
          ? html`<form method="post" action="/lists" class="card" novalidate>
              <h2>${words.add}</h2>
              <input type="hidden" name="listId" value="${listId}">
              ${input('name', words.name, html`type="text" maxlength="200" autocomplete="off"`)}
              <button class="next">${words.create}</button>
            </form>`
          : ''
      }
      <p><a class="button" href="/people">${here.words.sections.people}</a></p>`,
  })
}

const entry = (here: Here, { listId, name, hours }: GuestList): Html =>
  html`<li><a href="/lists/${listId}"><span><strong>${name}</strong>
    ${hours.length === 0 ? html`<span class="quiet">${here.words.lists.noHours}</span>` : ''}
    ${hours.map((one) => html`<span class="quiet">${guestHoursWords(here, one)}</span>`)}</span></a></li>`

// ---------------------------------------------------------------- one list

interface ShownList {
  readonly list: GuestList
  readonly typed: TypedHours
  readonly problems: HoursProblems
  readonly notice: string | undefined
}

export function listPage(here: Here, shown: ShownList): Html {
  const { list, notice } = shown
  const words = here.words.lists
  const isOwner = mayAct(here.role, 'owner')
  return framed(here, {
    title: list.name,
    section: 'people',
    body: html`<h1>${list.name}</h1>
      ${notice ? html`<p class="problem" role="alert">${notice}</p>` : ''}
      <section aria-labelledby="hours">
        <h2 id="hours">${words.hours}</h2>
        ${list.hours.length === 0 ? html`<p>${words.noHours}</p>` : ''}
        ${list.hours.length === 0 ? '' : html`<ul class="list">${list.hours.map((one) => hoursEntry(here, list, one))}</ul>`}
      </section>
      ${isOwner ? hoursForm(here, shown) : ''}
      ${isOwner ? settings(here, list) : ''}
      <p class="actions">
        <a class="button" href="/people?list=${list.listId}">${words.people}</a>
        <a class="button" href="/lists">${words.back}</a>
      </p>`,
  })
}

const hoursEntry = (here: Here, { listId }: GuestList, hours: GuestHours): Html =>
  html`<li class="row hours"><span>${guestHoursWords(here, hours)}</span>
    ${
      mayAct(here.role, 'owner')
        ? html`<form method="post" action="/lists/${listId}/hours/remove">
            <input type="hidden" name="hours" value="${hoursId(hours)}">
            <button aria-label="${here.words.lists.removeHours}: ${guestHoursWords(here, hours)}">${here.words.lists.removeHours}</button>
          </form>`
        : ''
    }</li>`

function hoursForm(here: Here, { list, typed, problems }: ShownList): Html {
  const words = here.words.lists
  const sentences: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(problems).map(([name, problem]) => [name, words.problems[problem]]),
  )
  const input = field(typed, sentences)
  const doors = Object.fromEntries(here.home.doors.map(({ doorId, name }) => [doorId, name]))
  const days = sentences['weekdays']
  return html`<form method="post" action="/lists/${list.listId}/hours" class="card" novalidate>
    <h2>${words.addHours}</h2>
    ${here.home.doors.length > 1 ? select('doorId', words.door, { '': words.allDoors, ...doors }, typed.doorId) : ''}
    <fieldset><legend>${words.weekdays}</legend>
      ${days ? html`<p class="problem" id="weekdays-problem">${days}</p>` : ''}
      <div class="days">${words.days.map((day, nth) => checkbox(`day-${nth + 1}`, day, typed.weekdays.includes(String(nth + 1))))}</div>
    </fieldset>
    <div class="two">
      ${input('from', words.from, html`type="time"`)}
      ${input('to', words.to, html`type="time"`)}
    </div>
    <p class="hint">${words.timesHint}</p>
    <div class="two">
      ${input('firstDay', words.firstDay, html`type="date"`)}
      ${input('lastDay', words.lastDay, html`type="date"`)}
    </div>
    <p class="hint">${words.daysHint}</p>
    <button class="next">${words.addHours}</button>
  </form>`
}

function settings(here: Here, { listId, name }: GuestList): Html {
  const words = here.words.lists
  return html`<div class="actions">
    <details class="ask"><summary class="button">${words.rename}</summary>
      <form method="post" action="/lists/${listId}/name" novalidate>
        ${field({ name }, {})('name', words.name, html`type="text" maxlength="200" autocomplete="off"`)}
        <button class="next">${words.save}</button>
      </form></details>
    <details class="ask"><summary class="button">${words.remove}</summary>
      <form method="post" action="/lists/${listId}/delete">
        <p>${fill(words.removeQuestion, { name })}</p>
        <button class="next">${words.removeNow}</button>
      </form></details>
  </div>`
}

// ---------------------------------------------------------------- words

/** As in “Front door: Mon–Fri, 08:00 to 12:00, from 1 December 2026”. */
function guestHoursWords(here: Here, hours: GuestHours): string {
  const words = here.words.lists
  const { doorId, firstDay, lastDay } = hours
  const door = here.home.doors.find((one) => one.doorId === doorId)?.name ?? doorId
  const parts = [
    hoursWords(here, hours),
    firstDay === null ? '' : fill(words.since, { day: dayWords(here, firstDay) }),
    lastDay === null ? '' : fill(words.till, { day: dayWords(here, lastDay) }),
  ]
  return `${door ?? words.allDoors}: ${parts.filter(Boolean).join(', ')}`
}

type Hours = Pick<GuestHours, 'weekdays' | 'fromMinute' | 'toMinute'>

/** As in “Mon–Fri, 08:00 to 12:00”. */
export const hoursWords = (here: Here, hours: Hours): string =>
  `${daysWords(here, hours.weekdays)}, ${timesWords(here, hours)}`

/** Three days or more in a row as a range. */
function daysWords({ words: { lists: words } }: Here, weekdays: readonly number[]): string {
  if (weekdays.length === 7) return words.everyDay
  const runs: number[][] = []
  for (const day of weekdays) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  const named = (day = 1) => words.days[day - 1] ?? ''
  return runs
    .map((run) =>
      run.length > 2 ? `${named(run[0])}–${named(run.at(-1))}` : run.map(named).join(', '),
    )
    .join(', ')
}

function timesWords({ words: { lists: words } }: Here, { fromMinute, toMinute }: Hours) {
  if (fromMinute === 0 && toMinute === 0) return words.wholeDay
  const isNextDay = toMinute <= fromMinute && toMinute > 0
  const times = { from: clock(fromMinute), to: toMinute === 0 ? '24:00' : clock(toMinute) }
  return fill(isNextDay ? words.nextDay : words.between, times)
}

const clock = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')

const dayWords = ({ language }: Here, day: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(
    Date.parse(`${day}T00:00Z`),
  )

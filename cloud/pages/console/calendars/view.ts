/** The HTML of the calendars of a door. */
import { html } from 'hono/html'
import type { Calendar } from '../../../calendars/core/calendar.ts'
import type { Door } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import { field } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { time } from '../times.ts'

export interface TypedCalendar {
  readonly calendarId: string
  readonly url: string
  readonly checkIn: string
  readonly checkOut: string
}

interface Shown {
  readonly door: Door
  readonly calendars: readonly Calendar[]
  readonly typed: TypedCalendar
  readonly problems: Readonly<Partial<Record<keyof TypedCalendar, string>>>
  readonly nowMs: number
}

export function calendarsPage(here: Here, shown: Shown): Html {
  const { door, calendars, typed, problems } = shown
  const words = here.words.codes.calendar
  const input = field(typed, problems)
  const clock = html`type="time"`
  return framed(here, {
    title: words.title,
    section: 'more',
    body: html`<h1>${words.title}</h1>
      <p class="quiet">${words.intro}</p>
      ${calendars.map((calendar) => card(here, shown, calendar))}
      <form method="post" action="/doors/${door.doorId}/calendars" class="card" novalidate>
        <h2>${words.add}</h2>
        <input type="hidden" name="calendarId" value="${typed.calendarId}">
        ${input('url', words.url, html`type="url" maxlength="1000" autocomplete="off" spellcheck="false"`, words.urlHint)}
        <div class="two">
          ${input('checkIn', words.checkIn, clock)}
          ${input('checkOut', words.checkOut, clock)}
        </div>
        <p class="hint">${words.timesHint}</p>
        <button class="next">${words.add}</button>
      </form>
      <p><a class="button" href="/doors/${door.doorId}/codes">${here.words.codes.title}</a></p>`,
  })
}

/** The rest of its address is a secret. */
function card(here: Here, { door, nowMs }: Shown, calendar: Calendar): Html {
  const words = here.words.codes.calendar
  const { calendarId, url, fetchedAtMs, result, events } = calendar
  const host = URL.parse(url)?.hostname ?? '–'
  const isFine = result === 'read' || result === null
  return html`<section class="card">
    <h2>${host}</h2>
    <p class="${isFine ? 'quiet' : 'problem'}">${result === null ? words.notYet : words.results[result]}
      ${fetchedAtMs === null ? '' : html`(${time(here, fetchedAtMs, nowMs)})`}</p>
    <p class="quiet">${fill(words.events, { count: events.length })}</p>
    <details class="ask"><summary class="button">${words.remove}</summary>
      <form method="post" action="/doors/${door.doorId}/calendars/${calendarId}/remove">
        <p>${words.removeQuestion}</p>
        <button class="next">${words.removeNow}</button>
      </form></details>
  </section>`
}

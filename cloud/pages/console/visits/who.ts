/** The page that asks who a person in a visit is. */
import { html } from 'hono/html'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { subjectOf, type Visit } from '../../../visits/core/visit.ts'
import { recognisedIn } from '../../../visits/core/who-came.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { pathOf } from '../pictures.ts'
import { pictureKey } from './shown.ts'

/** Key of the person's face, empty without a picture; null when the visit has no such person. */
export function personKeyOf(visit: Visit, subject: string): string | null {
  const stranger = visit.strangers.find(({ number }) => subjectOf(number) === subject)
  if (stranger) return stranger.face.key
  return recognisedIn(visit).includes(subject) ? (visit.matches[subject]?.[0] ?? '') : null
}

interface Who {
  readonly visit: Visit
  readonly subject: string
  readonly face: string
  readonly search: string
  readonly people: readonly Visitor[]
  readonly nowMs: number
}

export function whoPage(here: Here, { visit, subject, face, search, people, nowMs }: Who): Html {
  const words = here.words.visit
  const path = `/visits/${visit.visitId}/people/${subject}`
  const key = face === '' ? null : pictureKey(visit, face, nowMs)
  const picture = key
    ? html`<img class="seen-face" src="${pathOf(key)}" alt="" width="160" height="160">`
    : ''
  const rows = people.map(
    ({ visitorId, name }) => html`<li><form method="post" action="${path}">
      <input type="hidden" name="visitorId" value="${visitorId}"><button>${name}</button></form></li>`,
  )
  return framed(here, {
    title: words.whoIsThis,
    section: 'visits',
    body: html`<h1>${words.whoIsThis}</h1>
      ${picture}
      <form action="${path}" role="search">
        <div class="field"><label for="search">${here.words.visits.search}</label>
          <input id="search" name="search" type="search" value="${search}" maxlength="60" autocomplete="off"></div>
        <button>${words.find}</button>
      </form>
      ${people.length === 0 ? html`<p>${words.noneFits}</p>` : html`<ul class="list candidates">${rows}</ul>`}
      <p><a class="button" href="/visits/${visit.visitId}">${words.cancel}</a></p>`,
  })
}

/** The HTML of one person. */
import { html } from 'hono/html'
import { mayAct } from '../../../members/core/household.ts'
import { fill, translations } from '../../../translations/translations.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { type DoorCodes, personCodes, refreshFor } from '../codes/list-view.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { time } from '../times.ts'
import { portrait, validityWords } from './words.ts'

interface ShownPerson {
  readonly person: Visitor
  readonly seenAtMs: number | null
  readonly nowMs: number
  /** Null for those who are not owners. */
  readonly codes: readonly DoorCodes[] | null
  readonly said: keyof Here['words']['codes']['said'] | null
}

export function personPage(here: Here, shown: ShownPerson): Html {
  const { person, nowMs, codes, said } = shown
  const words = here.words.people
  const { name, trusted, blocked } = person
  const state = blocked ? words.blockedDetail : validityWords(here, person, nowMs)
  return framed(here, {
    title: name,
    section: 'people',
    ...refreshFor((codes ?? []).flatMap(({ credentials }) => credentials)),
    body: html`<div class="person">
        ${portrait(person)}
        <div>
          <h1>${blocked ? fill(words.blockedTitle, { name }) : name}</h1>
          <p class="quiet">${trusted ? html`★ ${words.favourite}. ` : ''}${state}</p>
        </div>
      </div>
      ${facts(here, shown)}
      ${codes && personCodes(here, { person, doors: codes, said: said && here.words.codes.said[said] })}
      ${mayAct(here.role, 'owner') ? actions(here, person) : ''}`,
  })
}

function facts(here: Here, { person, seenAtMs, nowMs }: ShownPerson): Html {
  const words = here.words.people
  const { approvalPage: shared } = translations[here.language]
  const { notes = '', tags } = person
  const fact = (label: string, value: Html | string) =>
    value === '' ? '' : html`<div><dt>${label}</dt><dd>${value}</dd></div>`
  return html`<dl class="card facts">
    ${fact(words.seen, seenAtMs === null ? words.never : time(here, seenAtMs, nowMs))}
    ${fact(words.contact, ways(here, person))}
    ${fact(shared.language, translations[person.language].languageName)}
    ${fact(words.tags, tags.join(' · '))}
    ${fact(words.notes, notes === '' ? '' : html`<span class="lines">${notes}</span>`)}
    ${fact(words.face, words.faces[faceState(person)])}
  </dl>`
}

/** The preferred way first. */
function ways(here: Here, { contact: { phone, email, prefers } }: Visitor): Html {
  const { approvalPage: shared } = translations[here.language]
  const all = [
    ...(phone === null ? [] : [{ way: 'sms', to: phone, by: shared.bySms }]),
    ...(email === null ? [] : [{ way: 'email', to: email, by: shared.byEmail }]),
  ].sort((one, other) => Number(other.way === prefers) - Number(one.way === prefers))
  return html`${all.map(({ to, by }) => html`<span class="line">${to} (${by})</span>`)}`
}

function faceState({ remembersFace, photo, faceIds }: Visitor) {
  if (!photo) return 'noPhoto'
  if (!remembersFace) return 'noConsent'
  return faceIds.length > 0 ? 'learnt' : 'noFace'
}

function actions(here: Here, { visitorId, name, blocked }: Visitor): Html {
  const words = here.words.people
  const path = `/people/${visitorId}`
  const blocking = blocked
    ? html`<form method="post" action="${path}/block">
        <input type="hidden" name="blocked" value="no"><button>${words.unblock}</button></form>`
    : html`<details class="ask"><summary class="button">${words.block}</summary>
        <form method="post" action="${path}/block">
          <p>${fill(words.blockQuestion, { name })}</p>
          <input type="hidden" name="blocked" value="yes">
          <button class="next">${words.blockNow}</button>
        </form></details>`
  return html`<div class="actions">
    <a class="button next" href="${path}/edit">${words.edit}</a>
    <form method="post" action="${path}/new-photo"><button>${words.photo}</button></form>
    <a class="button" href="${path}/merge">${words.merge}</a>
    ${blocking}
    <details class="ask"><summary class="button">${words.remove}</summary>
      <form method="post" action="${path}/delete">
        <p>${fill(words.removeQuestion, { name })}</p>
        <button class="next">${words.removeNow}</button>
      </form></details>
  </div>`
}

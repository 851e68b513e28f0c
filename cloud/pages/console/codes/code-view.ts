/** The HTML of one code. */
import { html } from 'hono/html'
import { grouped } from '../../../../protocol/passcode.ts'
import type { TypedTerms } from '../../../credentials/core/terms-form.ts'
import type { ShownCredential } from '../../../credentials/owner-credentials.ts'
import type { Door } from '../../../members/core/household.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { type CodeProblems, termsFields } from './form-view.ts'
import { refreshFor } from './list-view.ts'
import { type Clocks, stateWords, termsWords, usesWords } from './words.ts'

export interface OneCode {
  readonly shown: ShownCredential
  readonly door: Door
  /** On file; null for one who is only named. */
  readonly person: Visitor | null
  /** Null for a PIN. */
  readonly code: string | null
  readonly clocks: Clocks
  readonly typed: TypedTerms
  readonly problems: CodeProblems
  readonly said: string | null
  readonly notice?: string | undefined
}

export function codePage(here: Here, one: OneCode): Html {
  const { shown, door, person, clocks, said, notice } = one
  const { credential, delivery } = shown
  const words = here.words.codes
  const { name, purpose } = credential
  const isEnded = delivery.is === 'over' || delivery.is === 'withdrawing'
  const path = `/doors/${door.doorId}/codes/${credential.grantId}`
  return framed(here, {
    title: name,
    section: 'more',
    ...refreshFor([shown]),
    body: html`<h1>${name || '–'}</h1>
      <p class="quiet">${words.purposes[purpose]} · ${door.name}</p>
      ${said ? html`<p role="status">${said}</p>` : ''}
      ${notice ? html`<p class="problem" role="alert">${notice}</p>` : ''}
      ${code(here, one, isEnded)}
      <p>${stateWords(here, shown, clocks)}</p>
      <p class="quiet">${termsWords(here, shown, clocks)}</p>
      <p class="quiet">${usesWords(here, credential, clocks.nowMs)}</p>
      ${delivery.is === 'stored' && !isEnded ? sendForms(here, one, path) : ''}
      ${delivery.is === 'no-answer' || delivery.is === 'refused' ? html`<form method="post" action="${path}/send"><button>${words.sendAgain}</button></form>` : ''}
      ${isEnded ? '' : changes(here, one, path)}
      <p class="actions">
        ${person ? html`<a class="button" href="/people/${person.visitorId}">${person.name}</a>` : ''}
        <a class="button" href="/doors/${door.doorId}/codes">${words.title}</a>
      </p>`,
  })
}

function code(here: Here, { code, shown }: OneCode, isEnded: boolean): Html | string {
  const words = here.words.codes
  if (isEnded) return ''
  if (code !== null) {
    return html`<p class="code"><span class="quiet">${words.code}</span> <strong>${grouped(code)}</strong></p>`
  }
  const why = shown.credential.isDerived ? words.keyReplaced : words.codeOnlyHolder
  return html`<p class="quiet">${why}</p>`
}

function sendForms(here: Here, { code, person }: OneCode, path: string): Html | string {
  if (code === null || !person) return ''
  const words = here.words.codes
  const { phone, email } = person.contact
  const button = (way: string, label: string) =>
    html`<button name="way" value="${way}">${label}</button>`
  return html`<form method="post" action="${path}/deliver" class="actions">
    ${phone === null ? '' : button('sms', words.sendText)}
    ${email === null ? '' : button('email', words.sendMail)}
  </form>`
}

const changes = (here: Here, { shown, typed, problems, person }: OneCode, path: string): Html => {
  const words = here.words.codes
  const { purpose } = shown.credential
  const isOpen = Object.keys(problems).length > 0
  const holder = person && { name: person.name, hasFace: person.faceIds.length > 0 }
  return html`<details class="card" ${isOpen ? html`open` : ''}><summary>${words.change}</summary>
      <form method="post" action="${path}/terms" novalidate>
        ${termsFields(here, { purpose, typed, problems, person: holder })}
        <button class="next">${words.save}</button>
      </form></details>
    <details class="ask"><summary class="button">${words.withdraw}</summary>
      <form method="post" action="${path}/withdraw">
        <p>${words.withdrawQuestion}</p>
        <button class="next">${words.withdrawNow}</button>
      </form></details>`
}

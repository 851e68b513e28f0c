/** The HTML of an approval request. */
import { html } from 'hono/html'
import { languages } from '../../../../protocol/messages/shared.ts'
import {
  byMail,
  hasItsPhoto,
  requestId,
  type ShownRequest,
} from '../../../approvals/core/approval-request.ts'
import { reasonWords } from '../../../letters/letters.ts'
import { mayAct } from '../../../members/core/household.ts'
import type { CodeOutcome } from '../../../passcodes/core/grant.ts'
import { fill, translations } from '../../../translations/translations.ts'
import type { FormProblems, TypedVisitor } from '../../../visitors/core/visitor-form.ts'
import { checkbox, field, select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { pathOf } from '../pictures.ts'
import { time } from '../times.ts'

export type Typed = TypedVisitor

interface Question {
  readonly typed: Typed
  readonly problems: FormProblems
  readonly nonce: string
  readonly nowMs: number
}

const refreshSeconds = 5

/** Loads again by itself until something was typed, because another owner may answer first. */
export function questionPage(here: Here, shown: ShownRequest, question: Question): Html {
  const words = here.words.request
  const { request: shared } = translations[here.language]
  const { request, looksLike, doorName } = shown
  const reason = reasonWords(shared, request.why, looksLike)
  const isComplete = hasItsPhoto(shown)
  return framed(here, {
    title: words.title,
    section: 'home',
    refreshSeconds,
    body: html`<div class="question">
        ${isComplete ? faceOf(here, request) : html`<p class="problem" role="alert">${words.noPicture}</p>`}
        <div>
          <h1>${fill(words.question, { door: doorName })}</h1>
          <p class="quiet">${time(here, request.askedAtMs, question.nowMs)}. ${reason}</p>
          ${
            request.scan
              ? html`<p>${shared.givenName}: <strong>${request.scan.name}</strong></p>
          <p class="quiet">${shared.noNumber}</p>`
              : ''
          }
          <p><a class="link" href="/doors/${request.doorId}/live">${here.words.live.open}</a></p>
        </div>
      </div>
      ${isComplete ? answers(here, shown, question) : ''}`,
  })
}

const faceOf = ({ words }: Here, { face }: ShownRequest['request']): Html | '' =>
  face
    ? html`<img class="face" src="${pathOf(face.key)}" alt="${words.request.face}" width="320" height="320">`
    : ''

function answers(here: Here, shown: ShownRequest, question: Question): Html {
  const words = here.words.request
  const { approvalPage: shared } = translations[here.language]
  if (!mayAct(here.role, 'member')) return html`<p class="quiet">${words.viewer}</p>`
  const openForm = html`<form method="post" action="${pathTo(shown, 'open')}" class="card">
    <h2>${shared.openTitle}</h2>
    <p class="quiet">${shared.openHint}</p>
    <input type="hidden" name="face" value="${shown.request.face?.sha256 ?? ''}">
    <input type="hidden" name="nonce" value="${question.nonce}">
    <button>${shared.open}</button>
  </form>`
  if (!mayAct(here.role, 'owner')) return openForm
  return html`${allowForm(here, shown, question)} ${openForm} ${denyForm(here, shown)}
    <div class="bar">
      <button form="turn-away">${shared.deny}</button>
      <button form="let-in" class="next">${shared.allow}</button>
    </div>`
}

function allowForm(here: Here, shown: ShownRequest, { typed, problems }: Question): Html {
  const { request: words } = here.words
  const { approvalPage: shared } = translations[here.language]
  const sentences: FieldSentences = Object.fromEntries(
    Object.entries(problems).map(([name, problem]) => [name, shared.problems[problem]]),
  )
  const input = field(typed, sentences)
  const isMoreWrong = ['email', 'language', 'validity'].some((name) => name in sentences)
  const isMoreTyped = typed.email !== '' || typed.remembersFace !== '' || typed.validity !== 'day'
  return html`<form method="post" action="${pathTo(shown, 'allow')}" id="let-in" class="card" novalidate>
    <h2>${shared.letIn}</h2>
    <p class="quiet">${words.codeHint}</p>
    ${Object.keys(problems).length > 0 ? html`<p class="problem" role="alert">${shared.checkFields}</p>` : ''}
    <input type="hidden" name="face" value="${shown.request.face?.sha256 ?? ''}">
    ${input('name', shared.name, html`type="text" maxlength="200" autocapitalize="words" autocomplete="off"`)}
    ${input('phone', shared.phone, html`type="tel" maxlength="40" autocomplete="off"`, shown.request.scan ? shared.phoneOptional : shared.phoneHint)}
    <details ${isMoreWrong || isMoreTyped ? html`open` : ''}>
      <summary class="more">${shared.more}</summary>
      <div class="fields">
        ${input('email', shared.email, html`type="email" maxlength="254" autocapitalize="none" spellcheck="false" autocomplete="off"`)}
        ${select('prefers', shared.prefers, { sms: shared.bySms, email: shared.byEmail }, typed.prefers)}
        ${select('language', shared.language, languageNames, typed.language)}
        ${select('validity', shared.validity, shared.validities, typed.validity)}
        ${shown.request.face ? checkbox('remembersFace', shared.remember, typed.remembersFace !== '', shared.rememberHint) : ''}
      </div>
    </details>
  </form>`
}

type FieldSentences = Readonly<Record<string, string>>

const languageNames = Object.fromEntries(
  languages.map((language) => [language, translations[language].languageName]),
)

function denyForm(here: Here, shown: ShownRequest): Html {
  return html`<form method="post" action="${pathTo(shown, 'deny')}" id="turn-away">
    <input type="hidden" name="face" value="${shown.request.face?.sha256 ?? ''}">
    ${shown.request.face ? checkbox('blockFace', translations[here.language].approvalPage.block, false) : ''}
  </form>`
}

const pathTo = ({ request }: ShownRequest, what: string): string =>
  `/requests/${requestId(request)}/${what}`

// ---------------------------------------------------------------- after the answer

interface Decided {
  readonly code: CodeOutcome | null
  readonly isUndoable: boolean
}

export function decidedPage(here: Here, shown: ShownRequest, { code, isUndoable }: Decided): Html {
  const words = here.words.request
  const { approvalPage: shared } = translations[here.language]
  const { decision } = shown.request
  if (!decision) return expiredPage(here, shown)
  const by = decision.by === byMail ? shared.byMail : decision.by
  const isMine = decision.by.toLowerCase() === here.member.email.toLowerCase()
  const title = isMine
    ? words.decided[decision.outcome]
    : fill(shared.already[decision.outcome], { by, time: shown.decidedAt ?? '' })
  const detail =
    decision.outcome === 'allowed' ? code && shared.codes[code] : words.details[decision.outcome]
  return framed(here, {
    title: words.title,
    section: 'home',
    ...(isUndoable && { refreshSeconds }),
    body: html`<h1>${title}</h1>
      ${detail ? html`<p class="quiet">${detail}</p>` : ''}
      ${isUndoable && mayAct(here.role, 'owner') ? undoForm(here, shown) : ''}
      ${ways(here, shown)}`,
  })
}

const undoForm = (here: Here, shown: ShownRequest): Html =>
  html`<form method="post" action="${pathTo(shown, 'undo')}">
    <button>${here.words.request.undo}</button>
    <p class="quiet">${here.words.request.undoHint}</p>
  </form>`

export const expiredPage = (here: Here, shown: ShownRequest): Html =>
  framed(here, {
    title: here.words.request.title,
    section: 'home',
    body: html`<h1>${here.words.request.expired}</h1>
      <p class="quiet">${here.words.request.expiredDetail}</p>
      ${ways(here, shown)}`,
  })

const ways = ({ words }: Here, { request }: ShownRequest): Html =>
  html`<p class="actions">
    <a class="button next" href="/">${words.sections.home}</a>
    <a class="button" href="/visits/${request.visitId}">${words.request.visit}</a>
  </p>`

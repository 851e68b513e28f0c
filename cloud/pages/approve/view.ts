/** The HTML of the approval page. Hono's `html` escapes all values. */
import { html } from 'hono/html'
import { type Language, languages } from '../../../protocol/messages/shared.ts'
import type { Decision } from '../../approvals/core/approval-request.ts'
import {
  byMail,
  type DecisionOutcome,
  type ShownRequest,
} from '../../approvals/core/approval-request.ts'
import { reasonWords } from '../../letters/letters.ts'
import { fill, type Translation, translations } from '../../translations/translations.ts'

/** The values of the form, as typed. */
export interface TypedAnswer {
  readonly visitNumber: string
  readonly name: string
  readonly phone: string
  readonly email: string
  readonly prefers: string
  readonly language: string
  readonly validity: string
  readonly remembersFace: string
  readonly blockFace: string
}

export type FieldProblems = Partial<Record<keyof TypedAnswer, string>>
type Html = ReturnType<typeof html>
type Words = Translation['approvalPage']

/** The same for every request: only the browser knows which one it is about. */
export function page(language: Language): Html {
  const words = translations[language].approvalPage
  return html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${words.title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/approve/page.css">
    <script type="module" src="/approve/page.js"></script>
  </head>
  <body>
    <main>
      <noscript><h1>${words.needsScript}</h1></noscript>
    </main>
    <template id="one-moment"><h1 tabindex="-1">${words.oneMoment}</h1></template>
    <template id="link-incomplete"><h1 tabindex="-1">${words.linkIncomplete}</h1></template>
    <template id="no-answer">
      <h1 tabindex="-1">${words.noAnswer}</h1>
      <p><button type="button" class="next" data-again>${words.tryAgain}</button></p>
    </template>
  </body>
</html>`
}

// ---------------------------------------------------------------- the question

export function question(
  language: Language,
  shown: ShownRequest,
  typed: TypedAnswer,
  problems: FieldProblems,
): Html {
  const { request: words, approvalPage } = translations[language]
  const { request, doorName, looksLike, jpeg } = shown
  const photo = jpeg && `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`
  const reason = reasonWords(words, request.why, looksLike)
  return html`<h1 tabindex="-1">${fill(words.question, { door: doorName })}</h1>
<div class="seen">
  ${photo ? html`<img src="${photo}" alt="${approvalPage.faceAlt}">` : ''}
  <dl>
    <div><dt>${words.when}</dt><dd>${shown.askedAt}</dd></div>
    <div><dt>${words.why}</dt><dd>${reason}</dd></div>
  </dl>
</div>
${
  photo && request.visitNumber !== null
    ? answerForm(translations[language], request.face.sha256, typed, problems)
    : html`<p role="alert">${photo ? approvalPage.noNumber : approvalPage.noPicture}</p>`
}`
}

/** The name field accepts more than is valid, so that too long a name is reported, not cut off. */
function answerForm(
  { approvalPage: words, request: { visitNumber } }: Translation,
  faceSha256: string,
  typed: TypedAnswer,
  problems: FieldProblems,
): Html {
  const field = fieldIn(typed, problems)
  return html`<form method="post" action="/approve/decide" autocomplete="off" novalidate>
  ${Object.keys(problems).length > 0 ? html`<p class="problem" role="alert">${words.checkFields}</p>` : ''}
  <p class="problem" role="alert" data-no-answer hidden>${words.noAnswer}</p>
  <input type="hidden" name="face" value="${faceSha256}">
  <div class="card">
    ${field('visitNumber', visitNumber, words.visitNumberHint, html`type="text" inputmode="numeric" maxlength="3"`)}
  </div>
  <fieldset class="card" aria-labelledby="let-in">
    <h2 id="let-in">${words.letIn}</h2>
    ${field('name', words.name, '', html`type="text" maxlength="200" autocapitalize="words"`)}
    <p class="hint">${words.reach}</p>
    <div class="pair">
      ${field('phone', words.phone, words.phoneHint, html`type="tel" maxlength="40"`)}
      ${field('email', words.email, '', html`type="email" maxlength="254" autocapitalize="none" spellcheck="false"`)}
    </div>
    ${select('prefers', words.prefers, { sms: words.bySms, email: words.byEmail }, typed.prefers)}
    <div class="pair">
      ${select('language', words.language, languageNames, typed.language)}
      ${select('validity', words.validity, words.validities, typed.validity)}
    </div>
    <div class="field">
      ${checkbox('remembersFace', words.remember, typed.remembersFace, 'remember-hint')}
      <p class="hint" id="remember-hint">${words.rememberHint}</p>
    </div>
    <button class="next" name="decision" value="allow">${words.allow}</button>
  </fieldset>
  <fieldset class="card" aria-labelledby="turn-away">
    <h2 id="turn-away">${words.turnAway}</h2>
    ${checkbox('blockFace', words.block, typed.blockFace, null)}
    <button name="decision" value="deny">${words.deny}</button>
  </fieldset>
</form>`
}

const languageNames = Object.fromEntries(
  languages.map((language) => [language, translations[language].languageName]),
)

const idOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const fieldIn =
  (typed: TypedAnswer, problems: FieldProblems) =>
  (name: keyof TypedAnswer, label: string, hint: string, attributes: Html): Html => {
    const id = idOf(name)
    const problem = problems[name]
    const describedBy = [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].join(' ').trim()
    return html`<div class="field">
      <label for="${id}">${label}</label>
      ${problem ? html`<p class="problem" id="${id}-problem">${problem}</p>` : ''}
      <input id="${id}" name="${name}" ${attributes} value="${typed[name]}" autocomplete="off"
        ${problem ? html`aria-invalid="true"` : ''}
        ${describedBy ? html`aria-describedby="${describedBy}"` : ''}>
      ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ''}
    </div>`
  }

const select = (
  name: string,
  label: string,
  options: Readonly<Record<string, string>>,
  chosen: string,
): Html => html`<div class="field">
      <label for="${idOf(name)}">${label}</label>
      <select id="${idOf(name)}" name="${name}">
        ${Object.entries(options).map(
          ([value, text]) =>
            html`<option value="${value}" ${value === chosen ? html`selected` : ''}>${text}</option>`,
        )}
      </select>
    </div>`

const checkbox = (name: string, label: string, checked: string, hintId: string | null): Html =>
  html`<label class="choice"><input type="checkbox" name="${name}" value="yes"
    ${checked ? html`checked` : ''} ${hintId ? html`aria-describedby="${hintId}"` : ''}> ${label}</label>`

// ---------------------------------------------------------------- notices

export const notice = (sentence: string, detail = ''): Html =>
  html`<h1 tabindex="-1">${sentence}</h1>${detail ? html`<p>${detail}</p>` : ''}`

export function outcomeNotice(
  words: Words,
  outcome: Exclude<DecisionOutcome, { outcome: 'unfit' }>,
): Html {
  switch (outcome.outcome) {
    case 'allowed':
      return notice(fill(words.allowed, { name: outcome.visitorName }), words.codes[outcome.code])
    case 'opened':
      return notice(words.opened, words.openedDetail)
    case 'denied':
      return notice(words.denied, words.deniedDetail)
    case 'already':
      return alreadyNotice(words, outcome.decision, outcome.decidedAt)
    case 'refused':
      return notice(words.refused[outcome.reason])
    default:
      return outcome satisfies never
  }
}

export function alreadyNotice(words: Words, decision: Decision, time: string): Html {
  const by = decision.by === byMail ? words.byMail : decision.by
  return notice(fill(words.already[decision.outcome], { by, time }))
}

/** The HTML of the approval page. Hono's `html` escapes all values. */
import { html } from 'hono/html'
import { type Language, languages } from '../../../protocol/messages/shared.ts'
import type { Decision } from '../../approvals/core/approval-request.ts'
import {
  byMail,
  type DecisionOutcome,
  hasItsPhoto,
  type ShownRequest,
} from '../../approvals/core/approval-request.ts'
import { reasonWords } from '../../letters/letters.ts'
import { fill, type Translation, translations } from '../../translations/translations.ts'
import type { ScannedBy } from '../../visits/core/visit.ts'
import { checkbox, field, select } from '../fields.ts'

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
    ${request.scan ? scanFacts(translations[language], request.scan) : ''}
  </dl>
</div>
${
  hasItsPhoto(shown) && request.visitNumber !== null
    ? answerForm(translations[language], request, typed, problems)
    : html`<p role="alert">${hasItsPhoto(shown) ? approvalPage.noNumber : approvalPage.noPicture}</p>`
}`
}

/** What a visitor who rang with their phone gave. */
const scanFacts = ({ request: words, approvalPage }: Translation, { name }: ScannedBy): Html =>
  html`<div><dt>${words.givenName}</dt><dd>${name}</dd></div>
    <div><dt>${approvalPage.phone}</dt><dd>${words.noNumber}</dd></div>`

/**
 * What most answers need is in view, the rest is folded away. Pressing Enter sends the first button,
 * which lets in. Text fields accept more than is valid, so that too much is reported, not cut off.
 */
function answerForm(
  { approvalPage: words, request: { visitNumber } }: Translation,
  { face, scan }: ShownRequest['request'],
  typed: TypedAnswer,
  problems: FieldProblems,
): Html {
  const input = field(typed, problems)
  const isMoreWrong = ['email', 'prefers', 'language', 'validity'].some((name) => name in problems)
  const isMoreTyped = typed.email !== '' || typed.remembersFace !== '' || typed.validity !== 'day'
  return html`<form method="post" action="/approve/decide" autocomplete="off" novalidate>
  ${Object.keys(problems).length > 0 ? html`<p class="problem" role="alert">${words.checkFields}</p>` : ''}
  <p class="problem" role="alert" data-no-answer hidden>${words.noAnswer}</p>
  <input type="hidden" name="face" value="${face?.sha256 ?? ''}">
  <div class="card">
    ${input('visitNumber', visitNumber, html`type="text" inputmode="numeric" maxlength="3" autocomplete="off"`, words.visitNumberHint)}
  </div>
  <fieldset class="card" aria-labelledby="let-in">
    <h2 id="let-in">${words.letIn}</h2>
    ${input('name', words.name, html`type="text" maxlength="200" autocapitalize="words" autocomplete="off"`)}
    ${input('phone', words.phone, html`type="tel" maxlength="40" autocomplete="off"`, scan ? words.phoneOptional : words.phoneHint)}
    <details ${isMoreWrong || isMoreTyped ? html`open` : ''}>
      <summary>${words.more}</summary>
      <div class="fields">
        ${input('email', words.email, html`type="email" maxlength="254" autocapitalize="none" spellcheck="false" autocomplete="off"`, words.reach)}
        ${select('prefers', words.prefers, { sms: words.bySms, email: words.byEmail }, typed.prefers)}
        ${select('language', words.language, languageNames, typed.language)}
        ${select('validity', words.validity, words.validities, typed.validity)}
        ${face ? checkbox('remembersFace', words.remember, typed.remembersFace !== '', words.rememberHint) : ''}
      </div>
    </details>
  </fieldset>
  <div class="bar">
    <button class="next" name="decision" value="allow">${words.allow}</button>
    <button name="decision" value="deny">${words.deny}</button>
  </div>
  <div class="card">
    <h2>${words.openTitle}</h2>
    <p class="hint" id="open-hint">${words.openHint}</p>
    <button name="decision" value="open" aria-describedby="open-hint">${words.open}</button>
  </div>
  ${face ? checkbox('blockFace', words.block, typed.blockFace !== '') : ''}
</form>`
}

const languageNames = Object.fromEntries(
  languages.map((language) => [language, translations[language].languageName]),
)

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

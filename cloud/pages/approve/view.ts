/** What the approval page looks like in each situation. Hono's `html` escapes all that is filled in. */
import { html } from 'hono/html'
import { type Language, languages } from '../../../protocol/messages/shared.ts'
import {
  byMail,
  type DecisionOutcome,
  type DecisionRefusal,
  type ShownRequest,
} from '../../approvals/core/answer.ts'
import type { Decision } from '../../approvals/core/approval.ts'
import { type FormProblem, validitiesMs } from '../../visitors/core/visitor-form.ts'
import { fill, languageNames, type PageWords, wordsIn } from '../translations/translations.ts'

/** Everything that can be typed, as it was typed. */
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

/** The same for everybody: what it is about, only the browser knows so far. */
export function emptyPage(language: Language): Html {
  const words = wordsIn[language]
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
  const words = wordsIn[language]
  const { request, doorName } = shown
  return html`<h1 tabindex="-1">${fill(words.somebody, { door: doorName })}</h1>
<div class="seen">
  ${face(words, shown)}
  <dl>
    <div><dt>${words.when}</dt><dd>${shown.askedAt}</dd></div>
    <div><dt>${words.why}</dt><dd>${reason(words, shown)}</dd></div>
  </dl>
</div>
${
  shown.jpeg && request.visitNumber !== null
    ? answerForm(words, request.face.sha256, typed, problems)
    : html`<p role="alert">${shown.jpeg ? words.noNumber : words.noPicture}</p>`
}`
}

const face = (words: PageWords, { jpeg }: ShownRequest): Html | string =>
  jpeg
    ? html`<img src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}" alt="${words.faceAlt}">`
    : ''

const reason = (words: PageWords, { looksLike, request }: ShownRequest): string =>
  looksLike === null ? words.reasons[request.why] : fill(words.looksLike, { name: looksLike })

/** Names may be longer here than they may be: what is cut off in silence, nobody can mend. */
function answerForm(
  words: PageWords,
  faceSha256: string,
  typed: TypedAnswer,
  problems: FieldProblems,
): Html {
  const field = fieldIn(typed, problems)
  return html`<form method="post" action="/approve/decide" autocomplete="off" novalidate>
  ${Object.keys(problems).length > 0 ? html`<p class="problem" role="alert">${words.pleaseMend}</p>` : ''}
  <p class="problem" role="alert" data-lost hidden>${words.noAnswer}</p>
  <input type="hidden" name="face" value="${faceSha256}">
  <div class="card">
    ${field('visitNumber', words.visitNumber, words.visitNumberHint, html`type="text" inputmode="numeric" maxlength="3"`)}
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
      ${select('language', words.language, namesOf(languages), typed.language)}
      ${select('validity', words.validity, wordsFor(words), typed.validity)}
    </div>
    <div class="field">
      ${tick('remembersFace', words.remember, typed.remembersFace, 'remember-hint')}
      <p class="hint" id="remember-hint">${words.rememberHint}</p>
    </div>
    <button class="next" name="decision" value="allow">${words.allow}</button>
  </fieldset>
  <fieldset class="card" aria-labelledby="turn-away">
    <h2 id="turn-away">${words.turnAway}</h2>
    ${tick('blockFace', words.block, typed.blockFace, null)}
    <button name="decision" value="deny">${words.deny}</button>
  </fieldset>
</form>`
}

const namesOf = (all: readonly Language[]): Record<string, string> =>
  Object.fromEntries(all.map((one) => [one, languageNames[one]]))

const wordsFor = ({ validities }: PageWords): Record<string, string> =>
  Object.fromEntries(
    Object.entries(validities).filter(([validity]) => Object.hasOwn(validitiesMs, validity)),
  )

const idOf = (name: string): string => name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)

const fieldIn =
  (typed: TypedAnswer, problems: FieldProblems) =>
  (name: keyof TypedAnswer, label: string, hint: string, kind: Html): Html => {
    const id = idOf(name)
    const problem = problems[name]
    const describedBy = [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].join(' ').trim()
    return html`<div class="field">
      <label for="${id}">${label}</label>
      ${problem ? html`<p class="problem" id="${id}-problem">${problem}</p>` : ''}
      <input id="${id}" name="${name}" ${kind} value="${typed[name]}" autocomplete="off"
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

const tick = (name: string, label: string, ticked: string, hintId: string | null): Html =>
  html`<label class="choice"><input type="checkbox" name="${name}" value="yes"
    ${ticked ? html`checked` : ''} ${hintId ? html`aria-describedby="${hintId}"` : ''}> ${label}</label>`

// ---------------------------------------------------------------- what was decided

const notice = (sentence: string, detail = ''): Html =>
  html`<h1 tabindex="-1">${sentence}</h1>${detail ? html`<p>${detail}</p>` : ''}`

export function outcomePage(
  language: Language,
  outcome: Exclude<DecisionOutcome, { outcome: 'unfit' }>,
): Html {
  const words = wordsIn[language]
  switch (outcome.outcome) {
    case 'allowed':
      return notice(fill(words.allowed, { name: outcome.visitorName }), words.codes[outcome.code])
    case 'denied':
      return notice(words.denied, words.deniedDetail)
    case 'already':
      return alreadyPage(language, outcome.decision, outcome.decidedAt)
    case 'refused':
      return refusalPage(language, outcome.reason)
    default:
      return outcome satisfies never
  }
}

export function alreadyPage(language: Language, decision: Decision, time: string): Html {
  const words = wordsIn[language]
  const by = decision.by === byMail ? words.byMail : decision.by
  const template = decision.outcome === 'allowed' ? words.alreadyAllowed : words.alreadyDenied
  return notice(fill(template, { by, time }))
}

export const refusalPage = (language: Language, reason: DecisionRefusal): Html =>
  notice(wordsIn[language].refused[reason])

export const expiredPage = (language: Language): Html =>
  notice(wordsIn[language].expired, wordsIn[language].expiredDetail)

export const sentencePage = (language: Language, which: 'wrongOrigin' | 'faulty'): Html =>
  notice(wordsIn[language][which])

export const problemWords = (language: Language, problem: FormProblem): string =>
  wordsIn[language].problems[problem]

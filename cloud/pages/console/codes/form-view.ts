/** The HTML of the form that sets a PIN or makes a code, and of its terms. */
import { html } from 'hono/html'
import type { Purpose } from '../../../credentials/core/credential.ts'
import { everyDay, type TypedTerms } from '../../../credentials/core/terms-form.ts'
import { fill } from '../../../translations/translations.ts'
import { checkbox, field, select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'

export type CodeProblems = Readonly<Partial<Record<keyof TypedTerms | 'pin' | 'name', string>>>

export interface CodeForm {
  readonly purpose: Purpose
  readonly formId: string
  /** Whose it will be; null: a name is typed. */
  readonly person: { readonly name: string; readonly hasFace: boolean } | null
  /** Where it is sent to, and where one goes back to. */
  readonly path: string
  readonly back: string
  /** Null: the path names the door. */
  readonly doorId: string | null
  readonly name: string
  readonly typed: TypedTerms
  /** How long a PIN must be; null: there is no room for one. */
  readonly least: number | null
  readonly problems: CodeProblems
}

export function codeFormPage(here: Here, form: CodeForm): Html {
  const { purpose, person, path, back, problems } = form
  const words = here.words.codes
  const title = words.add[purpose]
  return framed(here, {
    title,
    section: person ? 'people' : 'more',
    body: html`<h1>${title}</h1>
      ${person ? html`<p class="quiet">${fill(words.forWhom, { name: person.name })}</p>` : ''}
      ${purpose === 'duress' ? html`<p>${words.duressHint}</p>` : ''}
      <form method="post" action="${path}" class="card" novalidate>
        <input type="hidden" name="formId" value="${form.formId}">
        <input type="hidden" name="for" value="${purpose}">
        ${person ? '' : field({ name: form.name }, problems)('name', words.name, html`type="text" maxlength="200" autocomplete="off"`, words.nameHint)}
        ${doorChoice(here, form)}
        ${pinField(here, form)}
        ${isPin(form) ? foldedTerms(here, form) : termsFields(here, form)}
        <button class="next">${words.save}</button>
      </form>
      <p><a class="button" href="${back}">${person?.name ?? words.title}</a></p>`,
  })
}

function doorChoice(here: Here, { doorId }: CodeForm): Html | string {
  if (doorId === null) return ''
  const { doors } = here.home
  const names = Object.fromEntries(doors.map((door) => [door.doorId, door.name]))
  if (doors.length > 1) return select('doorId', here.words.codes.door, names, doorId)
  return html`<input type="hidden" name="doorId" value="${doorId}">`
}

function pinField(here: Here, { purpose, least, problems }: CodeForm): Html | string {
  if (!isPin({ purpose })) return ''
  const words = here.words.codes
  const hint = least === null ? words.pinHintFull : fill(words.pinHint, { least })
  return field({ pin: '' }, problems)(
    'pin',
    words.pin,
    html`type="text" inputmode="numeric" autocomplete="off" maxlength="20"`,
    hint,
  )
}

const isPin = ({ purpose }: Pick<CodeForm, 'purpose'>): boolean =>
  purpose === 'pin' || purpose === 'duress'

/** Most people come home at any time. */
function foldedTerms(here: Here, form: CodeForm): Html {
  const { weekdays, ...others } = form.typed
  const isTyped = weekdays !== everyDay || Object.values(others).some((value) => value !== '')
  const { pin: _, ...wrong } = form.problems
  const isOpen = isTyped || Object.keys(wrong).length > 0
  return html`<details ${isOpen ? html`open` : ''}>
    <summary class="more">${here.words.codes.moreTerms}</summary>
    <div class="fields">${termsFields(here, form)}</div>
  </details>`
}

export function termsFields(
  here: Here,
  { purpose, typed, problems, person }: Pick<CodeForm, 'purpose' | 'typed' | 'problems' | 'person'>,
): Html {
  const words = here.words.codes
  const input = field(typed, problems)
  const moment = html`type="datetime-local"`
  const number = html`type="text" inputmode="numeric" maxlength="4" autocomplete="off"`
  const days = problems.weekdays
  const isForGuest = purpose === 'guest' || purpose === 'courier'
  return html`${input('begins', words.begins, moment, words.beginsHint)}
    ${input('ends', words.ends, moment, purpose === 'guest' ? '' : words.endsHint)}
    <fieldset><legend>${words.weekdays}</legend>
      ${days ? html`<p class="problem" id="weekdays-problem">${days}</p>` : ''}
      <div class="days">${here.words.lists.days.map((day, nth) => checkbox(`day-${nth + 1}`, day, typed.weekdays.includes(String(nth + 1))))}</div>
    </fieldset>
    <div class="two">
      ${input('from', words.from, html`type="time"`)}
      ${input('to', words.to, html`type="time"`)}
    </div>
    <p class="hint">${words.timesHint}</p>
    ${isForGuest ? input('visits', words.visits, number, words.visitsHint) : ''}
    ${purpose === 'guest' ? input('hoursAfterUse', words.hoursAfterUse, number, words.hoursAfterUseHint) : ''}
    ${person?.hasFace ? checkbox('face', words.face, typed.face !== '') : ''}`
}

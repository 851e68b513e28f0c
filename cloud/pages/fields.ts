/** The fields of forms, each with its label, its hint, and what is wrong with it. */
import { html } from 'hono/html'

type Html = ReturnType<typeof html>

const idOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Text fields of a form: their values as typed, and a sentence for each that is wrong. */
export const field =
  <Name extends string>(
    typed: Readonly<Record<Name, string>>,
    problems: Readonly<Partial<Record<string, string>>>,
  ) =>
  (name: Name, label: string, attributes: Html, hint = ''): Html => {
    const id = idOf(name)
    const problem = problems[name]
    const describedBy = [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].join(' ').trim()
    return html`<div class="field">
      <label for="${id}">${label}</label>
      ${problem ? html`<p class="problem" id="${id}-problem">${problem}</p>` : ''}
      <input id="${id}" name="${name}" ${attributes} value="${typed[name]}"
        ${problem ? html`aria-invalid="true"` : ''}
        ${describedBy ? html`aria-describedby="${describedBy}"` : ''}>
      ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ''}
    </div>`
  }

export const select = (
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

export const textarea = (
  name: string,
  label: string,
  { value, problem, hint = '' }: { value: string; problem: string | undefined; hint?: string },
): Html => {
  const id = idOf(name)
  const describedBy = [hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].join(' ').trim()
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${problem ? html`<p class="problem" id="${id}-problem">${problem}</p>` : ''}
    <textarea id="${id}" name="${name}" rows="3" ${problem ? html`aria-invalid="true"` : ''}
      ${describedBy ? html`aria-describedby="${describedBy}"` : ''}>${value}</textarea>
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ''}
  </div>`
}

/** Sends `yes`, or nothing. */
export const checkbox = (name: string, label: string, isChecked: boolean, hint = ''): Html => {
  const hintId = `${idOf(name)}-hint`
  return html`<div class="field">
    <label class="choice"><input type="checkbox" name="${name}" value="yes"
      ${isChecked ? html`checked` : ''} ${hint ? html`aria-describedby="${hintId}"` : ''}> ${label}</label>
    ${hint ? html`<p class="hint" id="${hintId}">${hint}</p>` : ''}
  </div>`
}

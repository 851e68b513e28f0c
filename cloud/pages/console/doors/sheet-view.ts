/** The HTML of a break-glass sheet. */
import { html } from 'hono/html'
import { inFours } from '../../../../protocol/break-glass.ts'
import type { Door } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { time } from '../times.ts'

/** Two steps, because it ends the sheet before. */
export function askForSheet(
  here: Here,
  { door, left, nonce }: { readonly door: Door; readonly left: number; readonly nonce: string },
): Html {
  const words = here.words.sheet
  return framed(here, {
    title: words.title,
    section: 'more',
    body: html`<h1>${words.title}</h1>
      <p class="quiet">${fill(words.intro, { door: door.name })}</p>
      ${left > 0 ? html`<p>${fill(words.endsOther, { left })}</p>` : ''}
      <form method="post" action="/doors/${door.doorId}/sheet">
        <input type="hidden" name="nonce" value="${nonce}">
        <button class="next">${words.make}</button>
      </form>
      <p><a href="/doors/${door.doorId}">${door.name}</a></p>`,
  })
}

export type Shown =
  | { readonly now: 'asked' | 'no-answer' | 'over' }
  | { readonly now: 'refused'; readonly reason: string }
  | { readonly now: 'stored'; readonly codes: readonly string[]; readonly madeAtMs: number }

export function sheetPage(here: Here, door: Door, shown: Shown): Html {
  const words = here.words.sheet
  const body =
    shown.now === 'stored' ? sheet(here, door, shown) : notice(here, door, noticeFor(here, shown))
  return framed(here, {
    title: words.title,
    section: 'more',
    ...(shown.now === 'asked' && { refreshSeconds: 1 }),
    body,
  })
}

interface Notice {
  readonly title: string
  readonly detail: string
}

function noticeFor(
  { words: { sheet, unlock } }: Here,
  shown: Exclude<Shown, { now: 'stored' }>,
): Notice {
  switch (shown.now) {
    case 'asked':
      return { title: unlock.asking, detail: unlock.askingDetail }
    case 'no-answer':
      return { title: unlock.noAnswer, detail: sheet.noAnswerDetail }
    case 'over':
      return { title: sheet.over, detail: sheet.overDetail }
    case 'refused':
      return { title: unlock.refused, detail: shown.reason }
    default:
      return shown satisfies never
  }
}

const notice = (here: Here, { doorId, name }: Door, { title, detail }: Notice): Html =>
  html`<div aria-live="polite"><h1>${title}</h1><p class="quiet">${detail}</p></div>
    <p><a class="button" href="/doors/${doorId}/sheet">${here.words.sheet.title}</a></p>
    <p><a href="/doors/${doorId}">${name}</a></p>`

function sheet(
  here: Here,
  { name }: Door,
  { codes, madeAtMs }: Extract<Shown, { now: 'stored' }>,
): Html {
  const words = here.words.sheet
  return html`<section class="sheet">
      <h1>${fill(words.heading, { door: name })}</h1>
      <p class="quiet">${words.made} ${time(here, madeAtMs, madeAtMs)}</p>
      <ol>${codes.map((code) => html`<li><span class="code">${inFours(code)}</span></li>`)}</ol>
      <p>${words.use}</p>
      <p>${words.keep}</p>
    </section>
    <p class="not-printed"><button type="button" data-print>${words.print}</button></p>
    <p class="quiet not-printed">${words.once}</p>`
}

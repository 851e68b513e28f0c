/** The HTML of a door's mode. */
import { html } from 'hono/html'
import { settableModes } from '../../../../protocol/messages/cloud.ts'
import { type DoorState, modeIn } from '../../../doors/core/door-state.ts'
import { type Door, mayAct } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import { select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { time } from '../times.ts'

/** `open`: without an end. */
export const hoursOffered = ['1', '4', '12', '24', '72', '168', '336', 'open'] as const

/** Nothing in normal mode, which is no news. */
export function modeLine(here: Here, state: DoorState, nowMs: number): Html | string {
  const mode = modeIn(state, nowMs)
  const words = here.words.mode
  if (mode === 'normal') return ''
  const untilMs = state.modeUntilMs?.value ?? 0
  return html`<p class="state" data-mode="${mode}">${words.names[mode]}${
    untilMs > 0 ? html` ${words.until} ${time(here, untilMs, nowMs)}` : ''
  }</p>`
}

export function modeForm(
  here: Here,
  {
    door,
    state,
    nonce,
    nowMs,
  }: {
    readonly door: Door
    readonly state: DoorState
    readonly nonce: string
    readonly nowMs: number
  },
): Html {
  const words = here.words.mode
  const present = modeIn(state, nowMs)
  const isOwner = mayAct(here.role, 'owner')
  const modes = settableModes.filter((mode) => mode !== 'passage' || isOwner)
  const hasWeek = (door.settings.modeHours ?? []).length > 0
  return html`<section class="card" aria-labelledby="mode">
    <h2 id="mode">${words.title}</h2>
    <p role="status">${words.now} ${words.names[present]}</p>
    <details>
      <summary class="button">${words.change}</summary>
      <form method="post" action="/doors/${door.doorId}/mode">
        <input type="hidden" name="nonce" value="${nonce}">
        <fieldset class="meanings" aria-labelledby="mode">
          ${modes.map(
            (mode) =>
              html`<label class="choice"><input type="radio" name="mode" value="${mode}" ${
                mode === present ? html`checked` : ''
              } required> <span><strong>${words.names[mode]}</strong>: ${words.meaning[mode]}</span></label>`,
          )}
        </fieldset>
        ${select('hours', words.forHours, endings(here), 'open')}
        ${hasWeek ? html`<p class="hint">${words.week}</p>` : ''}
        <button class="next">${words.set}</button>
      </form>
    </details>
  </section>`
}

const endings = ({ words: { mode: words } }: Here): Readonly<Record<string, string>> =>
  // An object would put numbers first, in their order, which is the one wanted.
  Object.fromEntries(
    hoursOffered.map((hours) => [
      hours,
      hours === 'open'
        ? words.open
        : Number(hours) < 48
          ? fill(words.hours, { hours })
          : fill(words.days, { days: Number(hours) / 24 }),
    ]),
  )

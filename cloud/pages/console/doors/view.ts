/** The HTML of a door's page. */
import { html } from 'hono/html'
import { languages } from '../../../../protocol/messages/shared.ts'
import { type DoorState, troubles } from '../../../doors/core/door-state.ts'
import {
  type SettingsField,
  secondsAllowed,
  type TypedSettings,
} from '../../../doors/core/settings-form.ts'
import { type Door, mayAct } from '../../../members/core/household.ts'
import { fill, translations } from '../../../translations/translations.ts'
import { field, select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { stateWords } from '../home/view.ts'
import { time } from '../times.ts'
import { liveForm } from './live-view.ts'
import { modeForm, modeLine } from './mode-view.ts'

interface Shown {
  readonly door: Door
  readonly state: DoorState
  readonly introduction: {
    readonly software: string
    readonly capabilities: readonly string[]
    readonly atMs: number
  } | null
  readonly typed: TypedSettings
  readonly wrong: readonly SettingsField[]
  /** Changed by someone else after the form was shown. */
  readonly isOutdated: boolean
  readonly nonces: { readonly lift: string; readonly live: string; readonly mode: string }
  readonly nowMs: number
}

const pendingRefreshSeconds = 5

export function doorPage(here: Here, shown: Shown): Html {
  const { door, state } = shown
  const isOwner = mayAct(here.role, 'owner')
  return framed(here, {
    title: door.name,
    section: 'more',
    ...(isPending(shown) && { refreshSeconds: pendingRefreshSeconds }),
    body: html`<h1>${door.name}</h1>
      <div class="row">
        <div>
          <p class="state">${stateWords(here, state)}</p>
          <p class="quiet">${heard(here, shown)}</p>
        </div>
        ${liveForm(here, door, shown.nonces.live)}
      </div>
      ${isOwner ? html`<p><a class="button" href="/doors/${door.doorId}/codes">${here.words.codes.title}</a></p>` : ''}
      ${wait(here, shown)}
      ${mayAct(here.role, 'member') ? modeForm(here, { ...shown, nonce: shown.nonces.mode }) : modeLine(here, state, shown.nowMs)}
      ${isOwner ? settingsForm(here, shown) : ''}
      ${condition(here, shown)}
      ${isOwner ? html`<p><a class="button" href="/doors/${door.doorId}/sheet">${here.words.sheet.title}</a></p>` : ''}
      ${troubleList(here, shown)}`,
  })
}

const heard = (here: Here, { state, nowMs }: Shown): Html | string =>
  state.heard
    ? html`${here.words.home.heard} ${time(here, state.heard.atMs, nowMs)}`
    : here.words.home.neverHeard

function wait(here: Here, { door, state, nonces, nowMs }: Shown): Html | string {
  if ((state.pausedUntilMs?.value ?? 0) <= nowMs) return ''
  const words = here.words.door
  const form = html`<form method="post" action="/doors/${door.doorId}/lift">
    <input type="hidden" name="nonce" value="${nonces.lift}">
    <button>${words.lift}</button>
  </form>`
  return html`<section class="card" aria-labelledby="wait">
    <h2 id="wait">${words.waitTitle}</h2>
    <p>${words.waitDetail}</p>
    ${mayAct(here.role, 'owner') ? form : ''}
  </section>`
}

// ---------------------------------------------------------------- settings

const isPending = ({ door, state }: Shown): boolean => state.revision?.value !== door.revision

function settingsForm(here: Here, shown: Shown): Html {
  const { door, typed, wrong, isOutdated } = shown
  const words = here.words.door
  const limitsOf = (name: SettingsField) => {
    if (name !== 'unlockSeconds' && name !== 'heldOpenSeconds') return {}
    const { least, most } = secondsAllowed[name]
    const [from, to] = [least, most].map((one) => one.toLocaleString(here.language))
    return { least: from ?? '', most: to ?? '' }
  }
  const sentences = Object.fromEntries(
    wrong.map((name) => [name, fill(words.problems[name], limitsOf(name))]),
  )
  const input = field(typed, sentences)
  const seconds = (name: 'unlockSeconds' | 'heldOpenSeconds') =>
    input(
      name,
      words[name],
      html`type="text" inputmode="decimal" maxlength="10" autocomplete="off"`,
      fill(words[`${name}Hint`], limitsOf(name)),
    )
  const problem = isOutdated ? words.changed : wrong.length > 0 ? words.checkFields : null
  const status = isPending(shown) ? words.pending : words.saved
  return html`<section class="card" aria-labelledby="settings">
    <h2 id="settings">${words.settings}</h2>
    ${
      problem
        ? html`<p class="problem" role="alert">${problem}</p>`
        : html`<p class="quiet" role="status">${status}</p>`
    }
    <form method="post" action="/doors/${door.doorId}/settings" novalidate>
      <input type="hidden" name="revision" value="${door.revision}">
      ${input('name', words.name, html`type="text" maxlength="60" autocomplete="off"`, words.nameHint)}
      ${seconds('unlockSeconds')}
      ${seconds('heldOpenSeconds')}
      ${select('language', words.language, languageNames, typed.language)}
      ${input('timeZone', words.timeZone, html`type="text" list="time-zones" maxlength="64" autocapitalize="none" autocomplete="off" spellcheck="false"`, words.timeZoneHint)}
      <datalist id="time-zones">${zones().map((zone) => html`<option value="${zone}"></option>`)}</datalist>
      <button class="next">${words.save}</button>
    </form>
  </section>`
}

const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone')]

const languageNames = Object.fromEntries(
  languages.map((language) => [language, translations[language].languageName]),
)

// ---------------------------------------------------------------- condition

function condition(here: Here, { state, introduction, nowMs }: Shown): Html {
  const words = here.words.door
  const isLogFine = !recent(state['log-broken'], nowMs) && !recent(state['log-gap'], nowMs)
  const abilities = Object.entries(words.abilities)
    .filter(([name]) => introduction?.capabilities.includes(name))
    .map(([, said]) => said)
  const facts: readonly (readonly [string, Html | string])[] = [
    [words.connected, introduction ? time(here, introduction.atMs, nowMs) : words.notReported],
    [words.software, introduction?.software ?? words.notReported],
    [words.clock, state.clock ? words.clocks[state.clock.value] : words.notReported],
    [words.log, isLogFine ? words.logFine : words.logBroken],
    ...(state.sheetLeft ? [[words.sheet, String(state.sheetLeft.value)] as const] : []),
    [words.can, abilities.join(', ') || words.notReported],
  ]
  return html`<section aria-labelledby="condition">
    <h2 id="condition">${words.health}</h2>
    <dl class="facts">${facts.map(([name, said]) => html`<div><dt>${name}</dt><dd>${said}</dd></div>`)}</dl>
  </section>`
}

const recentDays = 30

const recent = (reported: { readonly atMs: number } | undefined, nowMs: number): boolean =>
  reported !== undefined && reported.atMs > nowMs - recentDays * 24 * 3_600_000

/** Each kind once, the last first. */
function troubleList(here: Here, { state, nowMs }: Shown): Html {
  const words = here.words.door
  const { kinds } = translations[here.language].alarmMail
  const found = troubles
    .flatMap((trouble) => {
      const reported = state[trouble]
      return reported && recent(reported, nowMs) ? [{ trouble, atMs: reported.atMs }] : []
    })
    .sort((one, other) => other.atMs - one.atMs)
  const nothing = html`<p class="quiet">${fill(words.noTroubles, { days: recentDays })}</p>`
  return html`<section aria-labelledby="troubles">
    <h2 id="troubles">${words.troubles}</h2>
    ${found.length === 0 ? nothing : ''}
    ${found.map(
      ({ trouble, atMs }) => html`<details class="card">
        <summary class="row"><strong>${kinds[trouble].title}</strong> <span class="quiet">${time(here, atMs, nowMs)}</span></summary>
        <p>${kinds[trouble].what}</p>
        <p class="quiet">${kinds[trouble].advice}</p>
      </details>`,
    )}
  </section>`
}

// ---------------------------------------------------------------- adding

export function addDoorPage(here: Here): Html {
  const words = here.words.addDoor
  const example = 'side-door'
  const { household } = here.home
  const step = (title: string, hint: string, commands: string) => html`<section>
    <h2>${title}</h2>
    <p class="quiet">${hint}</p>
    <pre class="card" tabindex="0">${commands}</pre>
  </section>`
  return framed(here, {
    title: words.title,
    section: 'more',
    body: html`<h1>${words.title}</h1>
      <p class="quiet">${words.intro}</p>
      ${step(
        words.cloudTitle,
        fill(words.cloudHint, { example }),
        `npm run cloud -- door add ${household}_${example} --name "…"\nnpm run deploy`,
      )}
      ${step(words.doorTitle, words.doorHint, 'sudo -E smart-door provision --write')}
      ${step(words.checkTitle, words.checkHint, 'sudo smart-door doctor')}`,
  })
}

/** The HTML of the first page. */
import { html } from 'hono/html'
import { type ApprovalRequest, requestId } from '../../../approvals/core/approval-request.ts'
import type { DoorState } from '../../../doors/core/door-state.ts'
import { type Door, mayAct } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import type { Here, Html } from '../console.ts'
import { liveForm } from '../doors/live-view.ts'
import { modeLine } from '../doors/mode-view.ts'
import { framed } from '../frame.ts'
import { pathOf } from '../pictures.ts'
import { time } from '../times.ts'

export interface DoorCard {
  readonly door: Door
  readonly state: DoorState
  readonly visit: Visit | null
  /** Key of the last snapshot of the last visit. */
  readonly snapshot: string | null
}

interface Home {
  readonly waiting: readonly ApprovalRequest[]
  readonly cards: readonly DoorCard[]
  readonly nowMs: number
  /** For one command from this page: the door accepts it once, however often the form is sent. */
  readonly nonce: string
  readonly liveNonce: string
}

const refreshSeconds = 5

export function homePage(here: Here, home: Home): Html {
  const words = here.words.home
  const noDoors = html`<p>${words.noDoors}</p><p class="quiet">${words.noDoorsDetail}</p>`
  return framed(here, {
    title: here.words.sections.home,
    section: 'home',
    refreshSeconds,
    body: html`<h1>${here.home.name}</h1>
      ${home.waiting.map((request) => waitingCard(here, request, home))}
      ${home.cards.length === 0 ? noDoors : home.cards.map((card) => doorCard(here, card, home))}`,
  })
}

function waitingCard(here: Here, request: ApprovalRequest, { nowMs, cards }: Home): Html {
  const words = here.words.home
  const door = cards.find((card) => card.door.doorId === request.doorId)?.door.name ?? ''
  return html`<section class="card waiting">
    ${request.face ? html`<img src="${pathOf(request.face.key)}" alt="" width="96" height="96">` : ''}
    <div>
      <h2>${fill(words.waiting, { door })}</h2>
      <p class="quiet">${time(here, request.askedAtMs, nowMs)}</p>
    </div>
    <a class="button next" href="/requests/${requestId(request)}">${words.look}</a>
  </section>`
}

function doorCard(here: Here, card: DoorCard, home: Home): Html {
  const words = here.words.home
  const { door, state } = card
  const heard = state.heard
    ? html`${words.heard} ${time(here, state.heard.atMs, home.nowMs)}`
    : words.neverHeard
  return html`<section class="card door" aria-labelledby="${door.doorId}">
    ${lastVisit(here, card, home)}
    <div class="row">
      <div>
        <h2 id="${door.doorId}"><a href="/doors/${door.doorId}">${door.name}</a></h2>
        <p class="state">${stateWords(here, state)}</p>
        ${modeLine(here, state, home.nowMs)}
        <p class="quiet">${heard}</p>
      </div>
      <div class="actions">
        ${liveForm(here, door, home.liveNonce)}
        ${mayAct(here.role, 'member') ? unlockForm(here, door, home.nonce) : ''}
      </div>
    </div>
  </section>`
}

/** Its last snapshot, which leads to it. */
function lastVisit(here: Here, { door, visit, snapshot }: DoorCard, { nowMs }: Home): Html {
  const words = here.words.home
  if (!visit) return html`<p class="no-picture">${words.noVisit}</p>`
  const picture = snapshot
    ? html`<img src="${pathOf(snapshot)}" alt="${fill(words.snapshotAt, { door: door.name })}" width="1280" height="720">`
    : html`<span class="no-picture">${words.noSnapshot}</span>`
  return html`<a class="picture" href="/visits/${visit.visitId}">${picture}
    <span>${words.lastVisit} ${time(here, visit.startedAtMs, nowMs)}</span></a>`
}

export function stateWords(
  { words: { home: words } }: Here,
  { lock, contact }: DoorState,
): Html | string {
  if (!lock) return ''
  const position = contact && contact.value !== 'unknown' ? `, ${words.contact[contact.value]}` : ''
  return html`<span data-lock="${lock.value}">${words.lock[lock.value]}</span>${position}`
}

/** Two steps, so that a thumb in a pocket opens no door. */
function unlockForm(here: Here, { doorId, name }: Door, nonce: string): Html {
  const words = here.words.home
  return html`<details class="ask">
    <summary class="button">${words.unlock}</summary>
    <form method="post" action="/doors/${doorId}/unlock">
      <p>${fill(words.unlockQuestion, { door: name })}</p>
      <input type="hidden" name="nonce" value="${nonce}">
      <button class="next">${words.unlockNow}</button>
    </form>
  </details>`
}

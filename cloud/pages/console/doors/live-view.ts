/** The HTML of the live view. */
import { html } from 'hono/html'
import type { Door } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'

/** Ends by itself, so that a forgotten phone does not film the street. */
export const watchMs = 2 * 60_000
const minutes = watchMs / 60_000

export const liveForm = (
  { words }: Here,
  { doorId }: Pick<Door, 'doorId'>,
  nonce: string,
  label = words.live.open,
): Html =>
  html`<form method="post" action="/doors/${doorId}/live">
    <input type="hidden" name="nonce" value="${nonce}">
    <button>${label}</button>
  </form>`

type Live = { readonly door: Door; readonly nonce: string } & (
  | { readonly now: 'not-asked' | 'asked' | 'ended' | 'no-picture' }
  | { readonly now: 'refused'; readonly reason: string }
  | { readonly now: 'live'; readonly url: string; readonly forMs: number }
)

export function livePage(here: Here, live: Live): Html {
  const { door, nonce } = live
  const words = here.words.live
  const label = live.now === 'not-asked' ? words.start : fill(words.again, { minutes })
  return framed(here, {
    title: fill(words.title, { door: door.name }),
    section: 'home',
    body: html`<div aria-live="polite"><h1>${heading(here, live)}</h1>
        <p class="quiet" id="live-state" data-ended="${words.ended}" data-cannot="${words.cannot}">${detail(here, live)}</p>
      </div>
      ${live.now === 'live' ? video(here, live) : ''}
      ${live.now === 'asked' ? '' : liveForm(here, door, nonce, label)}`,
  })
}

function heading({ words: { live: words, unlock } }: Here, { now, door }: Live): string {
  switch (now) {
    case 'asked':
      return words.asking
    case 'ended':
      return words.ended
    case 'no-picture':
      return words.noPicture
    case 'refused':
      return unlock.refused
    case 'live':
    case 'not-asked':
      return fill(words.title, { door: door.name })
    default:
      return now satisfies never
  }
}

function detail({ words: { live: words } }: Here, live: Live): string {
  switch (live.now) {
    case 'asked':
      return words.askingDetail
    case 'ended':
      return ''
    case 'no-picture':
      return words.noPictureDetail
    case 'refused':
      return live.reason
    case 'live':
      return fill(words.behind, { minutes })
    case 'not-asked':
      return fill(words.startHint, { minutes })
    default:
      return live satisfies never
  }
}

/** Safari plays the address by itself, also without the script. */
const video = (
  { words }: Here,
  { door, url, forMs }: { readonly door: Door; readonly url: string; readonly forMs: number },
): Html =>
  html`<video id="live" class="video" src="${url}" data-seconds="${Math.ceil(forMs / 1_000)}"
      aria-label="${fill(words.live.title, { door: door.name })}" autoplay muted playsinline></video>
    <script type="module" src="/console/live.js"></script>`

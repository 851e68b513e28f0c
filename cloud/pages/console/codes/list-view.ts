/** The HTML of lists of codes: of a door, and of a person. */
import { html } from 'hono/html'
import type { ShownCredential } from '../../../credentials/owner-credentials.ts'
import type { Door } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { type Clocks, stateWords, termsWords, usesWords } from './words.ts'

export interface DoorCodes {
  readonly door: Door
  readonly credentials: readonly ShownCredential[]
  readonly clocks: Clocks
}

const waitingRefreshSeconds = 5

/** While the answer of a door is awaited. */
export const refreshFor = (credentials: readonly ShownCredential[]) =>
  credentials.some(({ delivery }) => delivery.is === 'waiting')
    ? { refreshSeconds: waitingRefreshSeconds }
    : {}

export function doorCodesPage(here: Here, shown: DoorCodes): Html {
  const { door, credentials } = shown
  const words = here.words.codes
  const path = `/doors/${door.doorId}/codes`
  const title = fill(words.of, { door: door.name })
  return framed(here, {
    title,
    section: 'more',
    ...refreshFor(credentials),
    body: html`<h1>${title}</h1>
      <p class="quiet">${words.intro}</p>
      <p class="actions">
        <a class="button next" href="${path}/new?for=guest">${words.add.guest}</a>
        <a class="button" href="${path}/new?for=courier">${words.add.courier}</a>
        <a class="button" href="/doors/${door.doorId}/calendars">${words.calendar.title}</a>
      </p>
      ${credentials.length === 0 ? html`<p>${words.none}</p>` : codeList(here, shown)}
      <p><a class="button" href="/doors/${door.doorId}">${door.name}</a></p>`,
  })
}

const codeList = (here: Here, { door, credentials, clocks }: DoorCodes): Html =>
  html`<ul class="list people">${credentials.map((one) => entry(here, one, { door, clocks }))}</ul>`

function entry(
  here: Here,
  shown: ShownCredential,
  { door, clocks }: { readonly door: Door; readonly clocks: Clocks },
): Html {
  const { grantId, name, purpose } = shown.credential
  return html`<li><a href="/doors/${door.doorId}/codes/${grantId}"><span>
    <strong>${name || '–'} · ${here.words.codes.purposes[purpose]}</strong>
    <span class="quiet">${termsWords(here, shown, clocks)}</span>
    <span class="quiet">${usesWords(here, shown.credential, clocks.nowMs)}</span>
    ${stateWords(here, shown, clocks)}</span></a></li>`
}

// ---------------------------------------------------------------- of a person

interface PersonCodes {
  readonly person: {
    readonly visitorId: string
    readonly name: string
    readonly blocked?: boolean | undefined
    readonly contact: { readonly phone: string | null; readonly email: string | null }
  }
  readonly doors: readonly DoorCodes[]
  readonly said: string | null
}

export function personCodes(here: Here, { person, doors, said }: PersonCodes): Html {
  const words = here.words.codes
  const { name, visitorId, blocked } = person
  const path = `/people/${visitorId}/codes`
  const withCodes = doors.filter(({ credentials }) => credentials.length > 0)
  return html`<section class="card" aria-labelledby="codes">
    <h2 id="codes">${words.title}</h2>
    ${said ? html`<p role="status">${said}</p>` : ''}
    ${withCodes.length === 0 ? html`<p class="quiet">${fill(words.noneOf, { name })}</p>` : ''}
    ${withCodes.map(
      (codes) =>
        html`${doors.length > 1 ? html`<h3>${codes.door.name}</h3>` : ''}${codeList(here, codes)}`,
    )}
    ${
      blocked
        ? ''
        : html`<div class="actions">
            ${(['pin', 'duress', 'guest'] as const).map(
              (purpose) =>
                html`<a class="button" href="${path}/new?for=${purpose}">${words.add[purpose]}</a>`,
            )}
            ${linkForm(here, person)}
          </div>`
    }
  </section>`
}

function linkForm(here: Here, { visitorId, name, contact }: PersonCodes['person']): Html | string {
  const words = here.words.codes
  const ways = [
    ...(contact.phone === null ? [] : (['sms'] as const)),
    ...(contact.email === null ? [] : (['email'] as const)),
  ]
  if (ways.length === 0) return ''
  return html`<details class="ask"><summary class="button">${fill(words.link, { name })}</summary>
    <form method="post" action="/people/${visitorId}/codes/link">
      <p>${words.linkDetail}</p>
      ${ways.map((way) => html`<button name="way" value="${way}">${words.linkSend[way]}</button>`)}
    </form></details>`
}

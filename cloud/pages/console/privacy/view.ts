/** The HTML of the page about what is stored. */
import { html } from 'hono/html'
import { languages } from '../../../../protocol/messages/shared.ts'
import { aboutPath } from '../../../letters/code-text.ts'
import { dayAndTime } from '../../../letters/date-words.ts'
import { mayAct } from '../../../members/core/household.ts'
import { visitsPerFile } from '../../../privacy/export-data.ts'
import { retentionDays } from '../../../retention.ts'
import { consentWording } from '../../../translations/consent-wording.ts'
import { fill, translations } from '../../../translations/translations.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { checkbox } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'

interface Shown {
  readonly people: readonly Visitor[]
  /** Deletion was asked for without the tick. */
  readonly isUnconfirmed: boolean
}

export function privacyPage(here: Here, shown: Shown): Html {
  const words = here.words.privacy
  const isOwner = mayAct(here.role, 'owner')
  return framed(here, {
    title: words.title,
    section: 'more',
    body: html`<h1>${words.title}</h1>
      <p class="quiet">${words.intro}</p>
      ${stored(here)}
      ${recognition(here)}
      ${isOwner ? html`${consents(here, shown)} ${exporting(here)} ${deleting(here, shown)}` : ''}
      <p><a href="${aboutPath}">${words.visitorPage}</a></p>`,
  })
}

const kinds = [
  'visits',
  'snapshots',
  'recordings',
  'requests',
  'codes',
  'uploads',
  'doorLog',
  'removals',
] as const

function stored({ words: { privacy: words } }: Here): Html {
  const lasting = (days: number) => (days === 1 ? words.day : fill(words.days, { days }))
  const rows = [
    [words.kinds.people, words.untilDeleted],
    ...kinds.map((kind) => [words.kinds[kind], lasting(retentionDays[kind])]),
  ]
  return html`<section class="card" aria-labelledby="stored">
    <h2 id="stored">${words.stored}</h2>
    <dl class="facts lasting">${rows.map(([what, long]) => html`<div><dt>${what}</dt><dd>${long}</dd></div>`)}</dl>
    <p class="quiet">${fill(words.backup, { days: retentionDays.backup })}</p>
  </section>`
}

function recognition({ words: { privacy: words }, home, role }: Here): Html {
  const isOn = home.recognises ?? true
  const form = html`<form method="post" action="/privacy/recognition">
    <input type="hidden" name="recognises" value="${isOn ? 'no' : 'yes'}">
    <button>${isOn ? words.turnOff : words.turnOn}</button>
  </form>`
  return html`<section class="card" aria-labelledby="recognition">
    <h2 id="recognition">${words.recognition}</h2>
    <p>${isOn ? words.recognitionOn : words.recognitionOff}</p>
    ${mayAct(role, 'owner') ? form : ''}
  </section>`
}

// ---------------------------------------------------------------- consent

const mostShown = 100

function consents(here: Here, { people }: Shown): Html {
  const words = here.words.privacy
  const { remember, rememberHint } = translations[here.language].approvalPage
  const shown = [...people]
    .sort((one, other) => one.name.localeCompare(other.name, here.language))
    .slice(0, mostShown)
  return html`<section aria-labelledby="consent">
    <h2 id="consent">${words.consent}</h2>
    <p class="quiet">${words.wording}: “${remember}. ${rememberHint}”</p>
    ${people.length > mostShown ? html`<p class="quiet">${fill(words.onlyFirst, { count: mostShown, total: people.length })}</p>` : ''}
    ${
      people.length === 0
        ? html`<p>${words.noPeople}</p>`
        : html`<ul class="list">${shown.map(
            (person) => html`<li><a href="/privacy/people/${person.visitorId}" download><span>
        <strong>${person.name}</strong>
        <span class="quiet">${consentOf(here, person)}</span>
        <span class="visually-hidden">${fill(words.exportOne, { name: person.name })}</span></span></a></li>`,
          )}</ul>`
    }
  </section>`
}

function consentOf(here: Here, { remembersFace, consent }: Visitor): string {
  const words = here.words.privacy
  if (!remembersFace) return words.notAgreed
  if (!consent) return words.agreedUnknown
  const date = dayAndTime(consent.atMs, here.language, here.place)
  const by = consent.by === 'mail' ? words.byMail : consent.by
  const isToday = languages.some((one) => consent.wording === consentWording(one))
  return [fill(words.agreed, { date, by }), isToday ? '' : words.earlierWording].join(' ').trim()
}

// ---------------------------------------------------------------- taking away, deleting

const exporting = ({ words: { privacy: words } }: Here): Html =>
  html`<section class="card" aria-labelledby="export">
    <h2 id="export">${words.export}</h2>
    <p class="quiet">${fill(words.exportHint, { count: visitsPerFile })}</p>
    <p><a class="button" href="/privacy/export" download>${words.exportAll}</a></p>
  </section>`

const deleting = ({ words: { privacy: words } }: Here, { people, isUnconfirmed }: Shown): Html =>
  html`<section class="card" aria-labelledby="delete">
    <h2 id="delete">${words.remove}</h2>
    <p class="quiet">${words.removeHint}</p>
    <details class="ask" ${isUnconfirmed ? html`open` : ''}>
      <summary class="button">${words.removeOpen}</summary>
      <form method="post" action="/privacy/delete">
        ${isUnconfirmed ? html`<p class="problem" role="alert">${words.removeUnconfirmed}</p>` : ''}
        ${checkbox('confirmed', fill(words.removeConfirm, { count: people.length }), false)}
        <button>${words.removeNow}</button>
      </form>
    </details>
  </section>`

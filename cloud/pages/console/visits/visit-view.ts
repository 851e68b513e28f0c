/** The HTML of one visit. */
import { html } from 'hono/html'
import type { ApprovalRequest } from '../../../approvals/core/approval-request.ts'
import { clockOf, dayAndTime } from '../../../letters/date-words.ts'
import { type Member, mayAct } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import { type Correction, subjectOf, takenAtOf, type Visit } from '../../../visits/core/visit.ts'
import { recognisedIn } from '../../../visits/core/who-came.ts'
import { isOver } from '../../../visits/keep-visit.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { pathOf } from '../pictures.ts'
import { doorNameOf, nameOf, type People, pictureKey, whatBecame, whoCame } from './shown.ts'
import { timelineOf } from './timeline.ts'

export type Video =
  | { readonly state: 'not-asked' }
  | { readonly state: 'nothing-there' | 'too-long'; readonly part: number; readonly parts: number }
  | {
      readonly state: 'stored'
      readonly part: number
      readonly parts: number
      readonly url: string
    }

export interface ShownVisit {
  readonly visit: Visit
  readonly people: People
  readonly members: readonly Member[]
  readonly requests: readonly ApprovalRequest[]
  /** Keys, oldest first. */
  readonly snapshots: readonly string[]
  readonly video: Video
  /** A duress PIN was typed, and who looks may know it. */
  readonly isDuress: boolean
  readonly nowMs: number
}

export function visitPage(here: Here, shown: ShownVisit): Html {
  const { visit, people, nowMs } = shown
  const words = here.words.visit
  const who = whoCame(here, visit, people)
  const at = dayAndTime(visit.startedAtMs, here.language, here.place)
  return framed(here, {
    title: who,
    section: 'visits',
    body: html`<p><a class="button" href="/visits">${words.back}</a></p>
      <h1>${who}</h1>
      <p class="quiet">${doorNameOf(here, visit.doorId)}, ${at}${lasted(here, visit)}</p>
      <p class="state">${whatBecame(here, visit, nowMs)}</p>
      ${shown.isDuress ? html`<p class="problem" role="alert">${here.words.visit.duress}</p>` : ''}
      ${pictures(here, shown)}
      ${recording(here, shown)}
      ${happened(here, shown)}
      ${persons(here, shown)}
      ${mayAct(here.role, 'owner') ? keeping(here, shown) : ''}`,
  })
}

function lasted(here: Here, { startedAtMs, endedAtMs }: Visit): string {
  if (endedAtMs === null) return ''
  const seconds = Math.max(1, Math.round((endedAtMs - startedAtMs) / 1_000))
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : [Math.round(seconds / 60), 'minute']
  const time = new Intl.NumberFormat(here.language, { style: 'unit', unit, unitDisplay: 'long' })
  return `, ${fill(here.words.visit.lasted, { time: time.format(value) })}`
}

// ---------------------------------------------------------------- pictures and recording

const firstPictures = 3

function pictures(here: Here, { snapshots }: ShownVisit): Html {
  const words = here.words.visit
  if (snapshots.length === 0) return html`<p class="quiet">${words.noPictures}</p>`
  const [first, rest] = [snapshots.slice(0, firstPictures), snapshots.slice(firstPictures)]
  return html`<section aria-labelledby="pictures">
    <h2 id="pictures">${words.pictures}</h2>
    <div class="snapshots">${first.map((key) => picture(here, key))}</div>
    ${
      rest.length === 0
        ? ''
        : html`<details class="ask"><summary class="button">${fill(words.showAll, { count: snapshots.length })}</summary>
      <div class="snapshots more">${rest.map((key) => picture(here, key))}</div></details>`
    }
  </section>`
}

function picture({ language, place, words }: Here, key: string): Html {
  const time = clockOf(takenAtOf(key), language, place)
  const alt = fill(words.visit.pictureAt, { time })
  return html`<a href="${pathOf(key)}"><img src="${pathOf(key)}" alt="${alt}" width="320" height="180" loading="lazy"></a>`
}

const videoProblems = { 'nothing-there': 'notRecorded', 'too-long': 'tooLong' } as const

function recording(here: Here, { visit, video }: ShownVisit): Html {
  const words = here.words.visit
  const parts = video.state === 'not-asked' ? 1 : video.parts
  const others = Array.from({ length: parts }, (_, nth) => nth + 1).filter(
    (part) => video.state !== 'stored' || part !== video.part,
  )
  return html`<section aria-labelledby="recording">
    <h2 id="recording">${words.recording}</h2>
    ${
      video.state === 'stored'
        ? html`<video src="${video.url}" controls autoplay muted playsinline></video>
      <div class="actions"><a class="button" href="${video.url}" download>${words.download}</a></div>`
        : ''
    }
    ${video.state === 'nothing-there' || video.state === 'too-long' ? html`<p role="status">${words[videoProblems[video.state]]}</p>` : ''}
    <div class="actions">${others.map(
      (part) => html`<form method="post" action="/visits/${visit.visitId}/recording">
        <input type="hidden" name="part" value="${part}">
        <button>${parts === 1 ? words.play : fill(words.part, { part, parts })}</button></form>`,
    )}</div>
  </section>`
}

// ---------------------------------------------------------------- what happened

function happened(here: Here, shown: ShownVisit): Html {
  const rows = timelineOf(here, shown).map(
    ({ atMs, sentence, reason }) => html`<li class="entry">
      <time datetime="${new Date(atMs).toISOString()}">${clockOf(atMs, here.language, here.place)}</time>
      <span>${sentence}</span>${reason === '' ? '' : html`<span class="quiet">${reason}</span>`}</li>`,
  )
  return html`<section class="card" aria-labelledby="happened">
    <h2 id="happened">${here.words.visit.happened}</h2>
    <ol class="timeline">${rows}</ol>
  </section>`
}

// ---------------------------------------------------------------- who it was

function persons(here: Here, shown: ShownVisit): Html | string {
  const { visit, people } = shown
  const recognised = recognisedIn(visit).map((id) => ({
    subject: id,
    name: nameOf(here, people, id),
    face: visit.matches[id]?.[0],
  }))
  const strangers = visit.strangers.map(({ number, face }) => ({
    ...{ subject: subjectOf(number), name: here.words.visits.unknown, face: face.key },
  }))
  const all = [...recognised, ...strangers]
  if (all.length === 0) return ''
  return html`<section aria-labelledby="who">
    <h2 id="who">${here.words.visit.who}</h2>
    <ul class="list">${all.map((one) => person(here, one, shown))}</ul>
  </section>`
}

interface Person {
  readonly subject: string
  readonly name: string
  readonly face: string | undefined
}

function person(here: Here, { subject, name, face }: Person, shown: ShownVisit): Html {
  const { visit, people, nowMs } = shown
  const words = here.words.visit
  const correction = visit.corrections[subject]
  const key = face === undefined ? null : pictureKey(visit, face, nowMs)
  const isStranger = subject.startsWith('stranger-')
  return html`<li class="seen-person">
    ${key ? html`<img src="${pathOf(key)}" alt="" width="56" height="56">` : html`<span class="no-face"></span>`}
    <div><b>${shownName(here, people, name, correction)}</b>
      ${correction ? html`<p class="quiet">${fill(words.corrected, { by: correction.by })}</p>` : ''}</div>
    ${
      mayAct(here.role, 'owner')
        ? html`<div class="actions">
      ${
        isStranger || correction
          ? ''
          : html`<form method="post" action="/visits/${visit.visitId}/people/${subject}">
        <input type="hidden" name="visitorId" value=""><button>${fill(words.notThem, { name })}</button></form>`
      }
      <a class="button" href="/visits/${visit.visitId}/people/${subject}">${words.thisIs}</a></div>`
        : ''
    }</li>`
}

function shownName(here: Here, people: People, name: string, correction?: Correction): string {
  if (!correction) return name
  const { visitorId } = correction
  return visitorId === null ? here.words.visits.unknown : nameOf(here, people, visitorId)
}

// ---------------------------------------------------------------- keeping and deleting

function keeping(here: Here, { visit, nowMs }: ShownVisit): Html {
  const words = here.words.visit
  const { visitId, kept } = visit
  return html`<section aria-label="${words.keep}">
    <p class="quiet" id="keep">${kept ? fill(words.kept, { by: kept.by }) : words.keepDetail}</p>
    <div class="actions">
      ${kept ? '' : html`<form method="post" action="/visits/${visitId}/keep"><button aria-describedby="keep">${words.keep}</button></form>`}
      ${
        isOver(visit, nowMs)
          ? html`<details class="ask" id="delete"><summary class="button">${words.remove}</summary>
        <form method="post" action="/visits/${visitId}/delete"><p>${words.removeQuestion}</p><button>${words.removeNow}</button></form></details>`
          : html`<p class="quiet" id="delete">${words.goesOn}</p>`
      }
    </div>
  </section>`
}

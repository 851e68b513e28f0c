/** Credentials in words: on which terms, how far they have come, and how they were used. */
import { html } from 'hono/html'
import type { StandingCredential } from '../../../credentials/core/credential.ts'
import type { ShownCredential } from '../../../credentials/owner-credentials.ts'
import { dayAndTime } from '../../../letters/date-words.ts'
import { fill } from '../../../translations/translations.ts'
import type { Here, Html } from '../console.ts'
import { hoursWords } from '../lists/view.ts'
import { time } from '../times.ts'

export interface Clocks {
  readonly nowMs: number
  readonly timeZone: string
  readonly heardAtMs: number | null
}

/** As in “Mon–Fri, 08:00 to 12:00, until Thursday, 24 December at 18:30”. */
export function termsWords(
  here: Here,
  { credential: { validity, second }, endsAtMs }: ShownCredential,
  { nowMs, timeZone }: Clocks,
): string {
  const words = here.words.codes.terms
  const said = (atMs: number) => dayAndTime(atMs, here.language, { ...here.place, timeZone })
  const { notBeforeMs, expiresAtMs, weeklyHours, endsAfterFirstUseMs } = validity
  const isOver = endsAtMs !== null && endsAtMs <= nowMs
  const parts = [
    weeklyHours.length === 0
      ? words.always
      : weeklyHours.map((one) => hoursWords(here, one)).join('; '),
    second ? words.face : '',
    notBeforeMs > nowMs ? fill(words.from, { time: said(notBeforeMs) }) : '',
    expiresAtMs !== null && !isOver ? fill(words.until, { time: said(expiresAtMs) }) : '',
    endsAfterFirstUseMs !== undefined && !isOver
      ? fill(words.afterUse, { hours: endsAfterFirstUseMs / 3_600_000 })
      : '',
    isOver ? fill(words.ended, { time: said(endsAtMs) }) : '',
  ]
  return parts.filter(Boolean).join(', ')
}

export function usesWords(here: Here, credential: StandingCredential, nowMs: number): Html {
  const words = here.words.codes.terms
  const { visits, lastAtMs } = credential.uses
  const most = credential.validity.visits
  const used =
    most === null
      ? fill(words.visitsFree, { used: visits })
      : fill(words.visits, { used: visits, visits: most })
  if (lastAtMs === null) return html`${words.unused}`
  return html`${used}, ${words.lastUse} ${time(here, lastAtMs, nowMs)}`
}

/** Whether the door has it, and if not, why. */
export function stateWords(
  here: Here,
  { credential, delivery }: ShownCredential,
  { heardAtMs, nowMs }: Clocks,
): Html {
  const words = here.words.codes
  const isWithdrawn = delivery.is === 'over' && credential.withdrawn !== null
  const state = isWithdrawn ? words.withdrawn : words.states[delivery.is]
  const why = () => {
    if (delivery.is === 'refused') return words.refused[delivery.reason]
    if (delivery.is !== 'no-answer' && delivery.is !== 'withdrawing') return ''
    const more = delivery.is === 'withdrawing' ? ` ${words.why.withdrawing}` : ''
    if (delivery.why === 'too-old') return words.why['too-old'] + more
    if (heardAtMs === null) return words.why.offlineNever + more
    const [before, after = ''] = words.why.offline.split('{time}')
    return html`${before}${time(here, heardAtMs, nowMs)}${after}${more}`
  }
  const isFine = delivery.is === 'stored' || delivery.is === 'waiting'
  const reason = why()
  return html`<span class="${isFine ? 'quiet' : 'problem'}">${state}${reason === '' ? '' : html`. ${reason}`}</span>`
}

/** When a code that was refused works, for owners: visitors are only ever denied. */
import type { EntryRefusal } from '../../../protocol/messages/door.ts'
import { neverMs, type StoredGrant } from '../credentials/grant.ts'
import { nextWithinHours } from '../credentials/hours.ts'

/** As in "the next time is Tuesday, 8 December, 09:00"; null where no time says it. */
export function whenItWorks(
  { notBeforeMs, expiresAtMs, closed, standing }: StoredGrant,
  refused: { readonly reason: EntryRefusal; readonly atMs: number },
  timeZone: string,
): string | null {
  const { reason, atMs } = refused
  if (reason === 'expired' && expiresAtMs < neverMs) {
    return `it ended on ${dateWords(expiresAtMs, timeZone)}`
  }
  if (!standing || closed || (reason !== 'outside-hours' && reason !== 'not-yet-valid')) return null
  const nextMs = nextWithinHours(standing.terms, Math.max(atMs, notBeforeMs), timeZone)
  return nextMs === null || nextMs >= expiresAtMs
    ? 'there is no next time'
    : `the next time is ${dateWords(nextMs, timeZone)}`
}

function dateWords(atMs: number, timeZone: string): string {
  const parts = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(atMs)
  const date = parts({ day: 'numeric', month: 'long' })
  const time = parts({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return `${parts({ weekday: 'long' })}, ${date}, ${time}`
}

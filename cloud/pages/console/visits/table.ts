/** The list of visits as a table for spreadsheets (CSV). */
import { clockAt, dateAt } from '../../../letters/days.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import { credentialsIn } from '../../../visits/core/who-came.ts'
import type { Here } from '../console.ts'
import { doorNameOf, type People, whatBecame, whoCame } from './shown.ts'

export function tableOf(
  here: Here,
  visits: readonly Visit[],
  { people, nowMs }: { readonly people: People; readonly nowMs: number },
): string {
  const words = here.words.visits
  const { timeZone } = here.place
  const rows = visits.map((visit) => [
    dateAt(visit.startedAtMs, timeZone),
    clockAt(visit.startedAtMs, timeZone),
    doorNameOf(here, visit.doorId),
    whoCame(here, visit, people),
    whatBecame(here, visit, nowMs),
    credentialsIn(visit)
      .map((one) => words.choices[one])
      .join(', '),
    visit.endedAtMs === null
      ? ''
      : String(Math.round((visit.endedAtMs - visit.startedAtMs) / 1_000)),
    visit.visitId,
  ])
  // The mark at the beginning says that it is UTF-8, without which spreadsheets guess.
  return `\uFEFF${[words.columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

/** A spreadsheet would run a cell that begins like this as a formula. */
const likeFormula = /^[\s]*[=+\-@\t\r]/

export const cell = (text: string): string => {
  const harmless = likeFormula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** Days in the time zone of a household. */

/** When a day begins, as in `2026-11-30`; null for what is no date. */
export function dayStartMs(date: string, timeZone: string): number | null {
  const utcMs = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(utcMs)) return null
  // Twice, because the clocks may change between midnight there and midnight in Greenwich.
  const roughly = utcMs - aheadMs(utcMs, timeZone)
  return utcMs - aheadMs(roughly, timeZone)
}

/** When the day after begins. */
export function dayEndMs(date: string, timeZone: string): number | null {
  const utcMs = Date.parse(`${date}T00:00:00Z`) + 24 * 3_600_000
  if (Number.isNaN(utcMs)) return null
  return dayStartMs(new Date(utcMs).toISOString().slice(0, 10), timeZone)
}

/** As in `2026-11-30`. */
export const dateAt = (atMs: number, timeZone: string): string => {
  const { year, month, day } = partsAt(atMs, timeZone)
  return `${year}-${month}-${day}`
}

/** As in `17:05:09`. */
export const clockAt = (atMs: number, timeZone: string): string => {
  const { hour, minute, second } = partsAt(atMs, timeZone)
  return `${hour}:${minute}:${second}`
}

function aheadMs(atMs: number, timeZone: string): number {
  const wholeMs = Math.floor(atMs / 1_000) * 1_000
  return Date.parse(`${dateAt(atMs, timeZone)}T${clockAt(atMs, timeZone)}Z`) - wholeMs
}

const formats = new Map<string, Intl.DateTimeFormat>()

function partsAt(atMs: number, timeZone: string): Record<string, string> {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
  formats.set(timeZone, format)
  return Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
}

/** Times as people write them, by the clock on the wall of a place. */
import { localTime } from '../../visitors/core/guest-list.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/**
 * `day` as in `2026-12-24`. Of a time that comes twice the first; of one that is skipped, as long
 * after the change of the clocks.
 */
export function instantAt(day: string, minute: number, timeZone: string): number {
  const localMs = midnightOf(day) + minute * minuteMs
  const around = [localMs - dayMs, localMs + dayMs].map((atMs) => localMs - (wall(atMs) - atMs))
  const exact = around.filter((atMs) => wall(atMs) === localMs)
  return Math.min(...(exact.length > 0 ? exact : around.slice(0, 1)))

  function wall(atMs: number): number {
    const { day, minute } = localTime(atMs, timeZone)
    return midnightOf(day) + minute * minuteMs
  }
}

/** In UTC. */
function midnightOf(day: string): number {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  // Years that begin in March, so that the day of a leap year comes last.
  const [years, months] = month > 2 ? [year, month - 3] : [year - 1, month + 9]
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  const days = years * 365 + leapDays + Math.floor((153 * months + 2) / 5) + date - 1
  return (days - daysBefore1970) * dayMs
}

/** From the first of March of the year 0. */
const daysBefore1970 = 719_468

/** As an input for date and time has it: `2026-12-24T18:30`. */
export function typedInstant(atMs: number, timeZone: string): string {
  const { day, minute } = localTime(atMs, timeZone)
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60]
  return `${day}T${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

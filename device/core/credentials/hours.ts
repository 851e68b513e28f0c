/**
 * Weekly hours by the wall clock of a time zone. When clocks are set back, an hour comes twice and
 * counts both times; when they are set forward, an hour does not come at all.
 */
import type { Validity } from '../../../protocol/messages/cloud.ts'

// biome-ignore lint/style/noRestrictedGlobals: for its arithmetic, never for the present time
const Calendar = Date

export type Hours = Pick<Validity, 'weeklyHours' | 'exceptDates'>

export const hasHours = ({ weeklyHours, exceptDates = [] }: Hours): boolean =>
  weeklyHours.length > 0 || exceptDates.length > 0

export function isWithinHours(hours: Hours, atMs: number, timeZone: string): boolean {
  if (!hasHours(hours)) return true
  const today = wallClock(atMs, timeZone)
  const yesterday = dayBefore(today)
  return (
    coversOn(hours, today, today.minute) || coversOn(hours, yesterday, today.minute + minutesOfDay)
  )
}

/** When it is next within its hours, to the minute; null: not within a year. */
export function nextWithinHours(hours: Hours, fromMs: number, timeZone: string): number | null {
  if (isWithinHours(hours, fromMs, timeZone)) return fromMs
  let day = wallClock(fromMs, timeZone)
  for (let days = 0; days < 366; days += 1, day = dayAfter(day)) {
    for (const minute of startsOn(hours, day)) {
      const startMs = instantOf({ ...day, minute }, timeZone)
      if (startMs > fromMs && isWithinHours(hours, startMs, timeZone)) return startMs
    }
  }
  return null
}

// ---------------------------------------------------------------- one day

interface WallClock {
  /** Midnight of the date as if it were in UTC. */
  readonly dateMs: number
  readonly minute: number
}

const minutesOfDay = 24 * 60
const minuteMs = 60_000
const dayMs = minutesOfDay * minuteMs

/** `minute` may be one of the next day: hours that began on `day` may go on until then. */
function coversOn({ weeklyHours, exceptDates = [] }: Hours, day: WallClock, minute: number) {
  if (exceptDates.includes(dateOf(day))) return false
  if (weeklyHours.length === 0) return minute < minutesOfDay
  return weeklyHours.some(({ weekdays, fromMinute, toMinute }) => {
    const end = toMinute <= fromMinute ? toMinute + minutesOfDay : toMinute
    return weekdays.includes(weekdayOf(day)) && minute >= fromMinute && minute < end
  })
}

function startsOn({ weeklyHours }: Hours, day: WallClock): readonly number[] {
  const starts = weeklyHours
    .filter(({ weekdays }) => weekdays.includes(weekdayOf(day)))
    .map(({ fromMinute }) => fromMinute)
  return weeklyHours.length === 0 ? [0] : starts.toSorted((a, b) => a - b)
}

const dayBefore = (day: WallClock): WallClock => ({ ...day, dateMs: day.dateMs - dayMs })
const dayAfter = (day: WallClock): WallClock => ({ ...day, dateMs: day.dateMs + dayMs })
const dateOf = ({ dateMs }: WallClock): string => new Calendar(dateMs).toISOString().slice(0, 10)
/** 1 is Monday. */
const weekdayOf = ({ dateMs }: WallClock): number => new Calendar(dateMs).getUTCDay() || 7

// ---------------------------------------------------------------- time zones

function wallClock(atMs: number, timeZone: string): WallClock {
  const localMs = atMs + offsetMs(atMs, timeZone)
  const dateMs = Math.floor(localMs / dayMs) * dayMs
  return { dateMs, minute: Math.floor((localMs - dateMs) / minuteMs) }
}

/** Of a time that does not come: as long after the change. Of one that comes twice: the first. */
function instantOf({ dateMs, minute }: WallClock, timeZone: string): number {
  const localMs = dateMs + minute * minuteMs
  // The offsets well before and after include that of the instant.
  const [before, after] = [localMs - dayMs, localMs + dayMs].map((atMs) => offsetMs(atMs, timeZone))
  const candidates = [localMs - (before ?? 0), localMs - (after ?? 0)]
  const exact = candidates.filter((atMs) => atMs + offsetMs(atMs, timeZone) === localMs)
  return Math.min(...(exact.length > 0 ? exact : candidates.slice(0, 1)))
}

/** How far the wall clock is ahead of UTC. */
function offsetMs(atMs: number, timeZone: string): number {
  const fields = formatFor(timeZone).formatToParts(atMs)
  const field = (type: string) => Number(fields.find((part) => part.type === type)?.value)
  const local = [field('year'), field('month') - 1, field('day'), field('hour'), field('minute')]
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = local
  const wholeMinuteMs = Math.floor(atMs / minuteMs) * minuteMs
  return Calendar.UTC(year, month, day, hour, minute) - wholeMinuteMs
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** It takes long to make. */
function formatFor(timeZone: string): Intl.DateTimeFormat {
  const made =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  formats.set(timeZone, made)
  return made
}

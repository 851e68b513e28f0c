/** The bookings of a calendar for which codes are made. */
import { instantAt } from '../../credentials/core/local-instant.ts'
import type { CalendarEvent, CalendarTime } from './calendar.ts'

export interface Booking {
  readonly uid: string
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
}

interface Place {
  readonly timeZone: string
  readonly checkInMinute: number
  readonly checkOutMinute: number
}

const dayMs = 24 * 3_600_000
/** A code for each booking counts against the bound on guessing, so they are made some weeks ahead. */
const aheadMs = 30 * dayMs
const mostBookings = 40

/** Those that are not over and begin soon, the next first. */
export function bookingsOf(
  events: readonly CalendarEvent[],
  { timeZone, checkInMinute, checkOutMinute }: Place,
  nowMs: number,
): readonly Booking[] {
  const instant = (time: CalendarTime, minute: number) =>
    'day' in time ? instantAt(time.day, minute, timeZone) : time.atMs
  return events
    .map(({ uid, name, from, to }) => ({
      ...{ uid, name },
      ...{ fromMs: instant(from, checkInMinute), toMs: instant(to, checkOutMinute) },
    }))
    .filter(({ fromMs, toMs }) => fromMs < toMs && toMs > nowMs && fromMs <= nowMs + aheadMs)
    .toSorted((one, other) => one.fromMs - other.fromMs)
    .slice(0, mostBookings)
}

/** Reads the events of an iCalendar file (RFC 5545). Bookings do not recur, so rules are not expanded. */
import ICAL from 'ical.js'
import { instantAt } from '../credentials/core/local-instant.ts'
import type { CalendarEvent, CalendarTime } from './core/calendar.ts'

const mostEvents = 500
const longestName = 100

/** Null for a text that is no calendar. `timeZone` is for times that name none. */
export function readCalendar(text: string, timeZone: string): readonly CalendarEvent[] | null {
  const calendar = readable(() => ICAL.Component.fromString(text))
  if (calendar?.name !== 'vcalendar') return null
  const events = calendar
    .getAllSubcomponents('vevent')
    .slice(0, mostEvents)
    .flatMap((event) => readable(() => eventIn(event, timeZone)) ?? [])
  // The last of several with one id is the newest.
  return [...new Map(events.map((event) => [event.uid, event])).values()]
}

/** The library throws for what it cannot read. */
function readable<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

/** What Airbnb exports for nights that the owner has closed. */
const blocked = /^Airbnb \(Not available\)$/i

function eventIn(event: ICAL.Component, timeZone: string): CalendarEvent | null {
  const text = (name: string) => String(event.getFirstPropertyValue(name) ?? '').trim()
  const from = timeIn(event, 'dtstart', timeZone)
  const to = timeIn(event, 'dtend', timeZone)
  const [uid, name, status] = [text('uid'), tidy(text('summary')), text('status')]
  const isOff = status.toUpperCase() === 'CANCELLED' || blocked.test(name)
  return uid === '' || !from || !to || isOff || event.hasProperty('rrule')
    ? null
    : { uid, name, from, to }
}

const tidy = (name: string): string =>
  name
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, longestName)

/** `TZID` names a zone of IANA, except in calendars of Outlook, which are taken for the door's zone. */
function timeIn(event: ICAL.Component, name: string, timeZone: string): CalendarTime | null {
  const property = event.getFirstProperty(name)
  const value = property?.getFirstValue()
  if (!property || !(value instanceof ICAL.Time)) return null
  const { year, month, day: date, hour, minute } = value
  const day = `${digits(year, 4)}-${digits(month, 2)}-${digits(date, 2)}`
  if (value.isDate) return { day }
  const zone = String(property.getParameter('tzid') ?? '')
  const isUtc = value.zone === ICAL.Timezone.utcTimezone
  const where = isUtc ? 'UTC' : isZone(zone) ? zone : timeZone
  return { atMs: instantAt(day, hour * 60 + minute, where) }
}

const digits = (number: number, length: number): string => String(number).padStart(length, '0')

const isZone = (name: string): boolean =>
  name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name)

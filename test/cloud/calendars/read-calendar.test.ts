/** What booking sites export, and what may be behind an address instead. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isCalendarUrl, tidyUrl } from '../../../cloud/calendars/calendar-url.ts'
import { bookingsOf } from '../../../cloud/calendars/core/bookings.ts'
import { readCalendar } from '../../../cloud/calendars/read-calendar.ts'

const timeZone = 'Europe/Berlin'
const place = { timeZone, checkInMinute: 15 * 60, checkOutMinute: 11 * 60 }
const nowMs = Date.parse('2026-12-01T12:00Z')

const bookingsIn = (text: string) =>
  bookingsOf(readCalendar(text, timeZone) ?? [], place, nowMs).map(
    ({ uid, name, fromMs, toMs }) => [
      uid.slice(0, 4),
      name,
      new Date(fromMs).toISOString().slice(0, 16),
      new Date(toMs).toISOString().slice(0, 16),
    ],
  )
const fixture = (name: string) =>
  readFileSync(new URL(`fixtures/${name}.ics`, import.meta.url), 'utf8')

test.each([
  // The nights that the owner has closed are no booking.
  ['airbnb', [['1418', 'Reserved', '2026-12-04T14:00', '2026-12-07T10:00']]],
  ['booking', [['cccc', 'CLOSED - Not available', '2026-12-10T14:00', '2026-12-12T10:00']]],
  [
    'google',
    [
      [
        'dddd',
        'A very long name of a guest that Google folds after seventy-five octets, with a comma',
        ...['2026-12-05T14:00', '2026-12-06T14:00'],
      ],
      ['ffff', 'Robin', '2026-12-09T14:00', '2026-12-09T16:00'],
    ],
  ],
])('bookings of %s', (name, bookings) => {
  expect(bookingsIn(fixture(name))).toEqual(bookings)
})

const calendar = (...lines: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR'].join('\r\n')
const event = (...lines: readonly string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']
const days = ['DTSTART;VALUE=DATE:20261204', 'DTEND;VALUE=DATE:20261205']

test('a calendar without bookings has none, and what is no calendar is none', () => {
  expect(readCalendar(calendar(), timeZone)).toEqual([])
  for (const text of ['', 'BEGIN:VCALENDAR', '<html></html>', 'BEGIN:VCARD\nEND:VCARD', '{}']) {
    expect([text, readCalendar(text, timeZone)]).toEqual([text, null])
  }
})

test('what is not a booking is passed over, and does not hide the others', () => {
  const good = event('UID:good', 'SUMMARY:Kim', ...days)
  const text = calendar(
    ...event('UID:no-end', 'DTSTART;VALUE=DATE:20261204'),
    ...event('SUMMARY:no id', ...days),
    ...event('UID:backwards', 'DTSTART;VALUE=DATE:20261205', 'DTEND;VALUE=DATE:20261204'),
    ...event('UID:nonsense', 'DTSTART:tomorrow', 'DTEND:later'),
    ...event('UID:over', 'DTSTART;VALUE=DATE:20261101', 'DTEND;VALUE=DATE:20261102'),
    ...event('UID:far', 'DTSTART;VALUE=DATE:20270601', 'DTEND;VALUE=DATE:20270602'),
    ...good,
  )
  expect(bookingsIn(text)).toEqual([['good', 'Kim', '2026-12-04T14:00', '2026-12-05T10:00']])
})

test('a hostile calendar makes few bookings, quickly', () => {
  const many = Array.from({ length: 5_000 }, (_, nth) => event(`UID:${nth}`, ...days)).flat()
  const startMs = performance.now()
  expect(bookingsIn(calendar(...many)).length).toBeLessThanOrEqual(40)
  const long = calendar(...event('UID:a', `SUMMARY:${'x'.repeat(900_000)}`, ...days))
  expect(bookingsIn(long)[0]?.[1]).toHaveLength(100)
  expect(performance.now() - startMs).toBeLessThan(10_000)
})

test.each([
  ['https://www.airbnb.com/calendar/ical/1.ics?s=a', true],
  ['webcal://calendar.google.com/calendar/ical/a/basic.ics', true],
  ['http://www.airbnb.com/calendar.ics', false],
  ['https://www.airbnb.com:8443/calendar.ics', false],
  ['https://kim@www.airbnb.com/calendar.ics', false],
  ['https://127.0.0.1/calendar.ics', false],
  ['https://[::1]/calendar.ics', false],
  ['https://2130706433/calendar.ics', false],
  ['https://0x7f.1/calendar.ics', false],
  ['https://localhost/calendar.ics', false],
  ['file:///etc/passwd', false],
  ['calendar.ics', false],
])('%s is an address: %s', (url, is) => expect(isCalendarUrl(tidyUrl(url))).toBe(is))

/** Weekly hours by the wall clock, in six time zones, across changes of the clocks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Hours,
  isWithinHours,
  nextWithinHours,
} from '../../../../device/core/credentials/hours.ts'
import { runs } from '../../../support/effort.ts'

const at = (iso: string) => Date.parse(iso)
const minute = (clock: string) => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}
const on = (weekdays: number[], from: string, to: string, exceptDates: string[] = []): Hours => ({
  weeklyHours: [{ weekdays, fromMinute: minute(from), toMinute: minute(to) }],
  exceptDates,
})
const daily = [1, 2, 3, 4, 5, 6, 7]

describe('within weekly hours', () => {
  test.each<[string, Hours, string, string, boolean]>([
    // 2026-03-24 is a Tuesday.
    ['at the first minute', on([2], '09:00', '12:00'), 'UTC', '2026-03-24T09:00:00Z', true],
    ['just before', on([2], '09:00', '12:00'), 'UTC', '2026-03-24T08:59:59.999Z', false],
    ['in the last second', on([2], '09:00', '12:00'), 'UTC', '2026-03-24T11:59:59.999Z', true],
    ['at the end', on([2], '09:00', '12:00'), 'UTC', '2026-03-24T12:00:00Z', false],
    ['on another day', on([2], '09:00', '12:00'), 'UTC', '2026-03-25T10:00:00Z', false],
    ['on the whole day', on([2], '00:00', '24:00'), 'UTC', '2026-03-24T23:59:59Z', true],
    ['over midnight, before it', on([5], '22:00', '02:00'), 'UTC', '2026-03-27T23:00:00Z', true],
    ['over midnight, after it', on([5], '22:00', '02:00'), 'UTC', '2026-03-28T01:59:00Z', true],
    ['over midnight, too late', on([5], '22:00', '02:00'), 'UTC', '2026-03-28T02:00:00Z', false],
    ['over midnight, a day early', on([5], '22:00', '02:00'), 'UTC', '2026-03-27T01:00:00Z', false],
    ['on Sunday night into Monday', on([7], '22:00', '02:00'), 'UTC', '2026-03-30T01:00:00Z', true],
    [
      'on an excepted day',
      on([2], '09:00', '12:00', ['2026-03-24']),
      'UTC',
      '2026-03-24T10:00:00Z',
      false,
    ],
    [
      'in a night that began before an excepted day',
      on([5], '22:00', '02:00', ['2026-03-28']),
      'UTC',
      '2026-03-28T01:00:00Z',
      true,
    ],
    [
      'in a night that began on an excepted day',
      on([5], '22:00', '02:00', ['2026-03-27']),
      'UTC',
      '2026-03-28T01:00:00Z',
      false,
    ],
    ['without hours', { weeklyHours: [] }, 'UTC', '2026-03-24T10:00:00Z', true],
    [
      'without hours on an excepted day',
      { weeklyHours: [], exceptDates: ['2026-03-24'] },
      'UTC',
      '2026-03-24T10:00:00Z',
      false,
    ],
    // Berlin: 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00.
    ['in winter time', on([7], '03:00', '04:00'), 'Europe/Berlin', '2026-03-22T02:30:00Z', true],
    ['in summer time', on([7], '03:00', '04:00'), 'Europe/Berlin', '2026-03-29T01:30:00Z', true],
    [
      'in an hour that does not come',
      on([7], '02:00', '03:00'),
      'Europe/Berlin',
      '2026-03-29T01:00:00Z',
      false,
    ],
    ['just before it', on([7], '01:00', '03:00'), 'Europe/Berlin', '2026-03-29T00:59:59Z', true],
    [
      'in the first of two same hours',
      on([7], '02:00', '03:00'),
      'Europe/Berlin',
      '2026-10-25T00:30:00Z',
      true,
    ],
    [
      'in the second of two same hours',
      on([7], '02:00', '03:00'),
      'Europe/Berlin',
      '2026-10-25T01:30:00Z',
      true,
    ],
    ['after both', on([7], '02:00', '03:00'), 'Europe/Berlin', '2026-10-25T02:00:00Z', false],
    // New York: 2026-03-08 and 2026-11-01.
    [
      'on Sunday there, Monday in UTC',
      on([7], '20:00', '23:00'),
      'America/New_York',
      '2026-03-09T01:00:00Z',
      true,
    ],
    [
      'in the second of two same hours',
      on([7], '01:00', '02:00'),
      'America/New_York',
      '2026-11-01T06:30:00Z',
      true,
    ],
    // Lord Howe moves by half an hour: 2026-04-05 02:00 becomes 01:30.
    [
      'in the half hour that comes twice',
      on([7], '01:30', '02:00'),
      'Australia/Lord_Howe',
      '2026-04-04T15:15:00Z',
      true,
    ],
    [
      'an hour in which clocks move by half an hour',
      on([7], '02:00', '02:30'),
      'Australia/Lord_Howe',
      '2026-10-03T15:40:00Z',
      false,
    ],
    // Never changes, 45 minutes off.
    ['in Kathmandu', on([3], '00:00', '00:15'), 'Asia/Kathmandu', '2026-03-24T18:20:00Z', true],
    // Beirut changes at midnight: 2026-03-29 00:00 becomes 01:00.
    [
      'on a day that begins at one',
      on([7], '00:00', '01:00'),
      'Asia/Beirut',
      '2026-03-28T22:00:00Z',
      false,
    ],
    ['in its first minute', on([7], '01:00', '02:00'), 'Asia/Beirut', '2026-03-28T22:00:00Z', true],
  ])('%s', (_, hours, timeZone, iso, expected) => {
    expect(isWithinHours(hours, at(iso), timeZone)).toBe(expected)
  })
})

describe('the next time within', () => {
  test.each<[string, Hours, string, string, string | null]>([
    ['now', on([2], '09:00', '12:00'), 'UTC', '2026-03-24T10:00:30Z', '2026-03-24T10:00:30Z'],
    [
      'later today',
      on([2], '09:00', '12:00'),
      'UTC',
      '2026-03-24T07:00:00Z',
      '2026-03-24T09:00:00Z',
    ],
    ['in a week', on([2], '09:00', '12:00'), 'UTC', '2026-03-24T12:00:00Z', '2026-03-31T09:00:00Z'],
    [
      'after an excepted day',
      on([2], '09:00', '12:00', ['2026-03-31']),
      'UTC',
      '2026-03-24T12:00:00Z',
      '2026-04-07T09:00:00Z',
    ],
    [
      'by the new offset',
      on([1], '09:00', '12:00'),
      'Europe/Berlin',
      '2026-03-27T12:00:00Z',
      '2026-03-30T07:00:00Z',
    ],
    [
      'after hours that begin in a gap',
      on([7], '02:30', '05:00'),
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:30:00Z',
    ],
    [
      'a week later, where all hours are in a gap',
      on([7], '02:15', '02:45'),
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-04-05T00:15:00Z',
    ],
    [
      'the first of two same hours',
      on([7], '02:30', '03:00'),
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:30:00Z',
    ],
    [
      'without hours, the day after',
      { weeklyHours: [], exceptDates: ['2026-03-24'] },
      'Europe/Berlin',
      '2026-03-24T12:00:00Z',
      '2026-03-24T23:00:00Z',
    ],
  ])('%s', (_, hours, timeZone, from, expected) => {
    const found = nextWithinHours(hours, at(from), timeZone)
    expect(found && new Date(found).toISOString()).toBe(
      expected && new Date(expected).toISOString(),
    )
  })

  test('is null where a year has none', () => {
    const hours = on([2], '09:00', '12:00')
    const tuesdays = Array.from({ length: 60 }, (_, week) =>
      new Date(at('2026-03-24') + week * 7 * 86_400_000).toISOString().slice(0, 10),
    )
    expect(nextWithinHours({ ...hours, exceptDates: tuesdays }, at('2026-03-24'), 'UTC')).toBe(null)
  })
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Beirut',
  'Asia/Kathmandu',
]
const someHours: fc.Arbitrary<Hours> = fc.record({
  weeklyHours: fc.array(
    fc.record({
      weekdays: fc.subarray(daily, { minLength: 1 }),
      fromMinute: fc.integer({ min: 0, max: 1_439 }),
      toMinute: fc.integer({ min: 0, max: 1_440 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  exceptDates: fc.subarray(['2026-03-29', '2026-10-25', '2026-11-01']),
})
const moments = fc
  .integer({ min: at('2026-03-01') / 1_000, max: at('2026-12-01') / 1_000 })
  .map((s) => s * 1_000)

/** As a person reads a clock on the wall, from the locale's own words. */
function byTheWall(
  { weeklyHours, exceptDates = [] }: Hours,
  atMs: number,
  timeZone: string,
): boolean {
  const text = (options: Intl.DateTimeFormatOptions, ms = atMs) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, ...options }).format(ms)
  const today = text({ dateStyle: 'short' })
  const now = minute(text({ hour: '2-digit', minute: '2-digit' }))
  const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  const weekday =
    names.indexOf(new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short' }).format(atMs)) + 1
  const yesterday = new Date(at(`${today}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
  return weeklyHours.some(({ weekdays, fromMinute, toMinute }) => {
    const overMidnight = toMinute <= fromMinute
    const began = !exceptDates.includes(today) && weekdays.includes(weekday) && now >= fromMinute
    const goesOn =
      overMidnight &&
      !exceptDates.includes(yesterday) &&
      weekdays.includes(((weekday + 5) % 7) + 1) &&
      now < toMinute
    return (began && (overMidnight || now < toMinute)) || goesOn
  })
}

test('what is within hours agrees with a clock on the wall, in every zone', () => {
  fc.assert(
    fc.property(someHours, moments, fc.constantFrom(...zones), (hours, atMs, timeZone) => {
      expect(isWithinHours(hours, atMs, timeZone)).toBe(byTheWall(hours, atMs, timeZone))
    }),
    { numRuns: runs(300, 5_000) },
  )
})

test('the next time within is within, and nothing before it is', () => {
  fc.assert(
    fc.property(someHours, moments, fc.constantFrom(...zones), (hours, fromMs, timeZone) => {
      const next = nextWithinHours(hours, fromMs, timeZone)
      if (next === null) return
      expect(isWithinHours(hours, next, timeZone)).toBe(true)
      const steps = Math.min(200, Math.floor((next - fromMs) / 60_000))
      for (let step = 1; step <= steps; step += 1) {
        expect(isWithinHours(hours, next - step * 60_000, timeZone)).toBe(false)
      }
    }),
    { numRuns: runs(60, 1_000) },
  )
})

/** When people of a guest list may come, by the clock of the door. */
import { describe, expect, test } from 'vitest'
import { type GuestHours, mayComeNow } from '../../../cloud/visitors/core/guest-list.ts'

const always: GuestHours = {
  doorId: null,
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  ...{ fromMinute: 0, toMinute: 0, firstDay: null, lastDay: null },
}
const at = (hour: number, minute = 0) => hour * 60 + minute
const berlin = { doorId: 'maple-street_front', timeZone: 'Europe/Berlin' }

const mayCome = (hours: GuestHours | readonly GuestHours[], when: string, door = berlin) =>
  mayComeNow(
    [{ listId: 'cleaners', name: 'Cleaners', hours: [hours].flat() }],
    ['cleaners'],
    door,
    Date.parse(when),
  )

const mornings = { ...always, weekdays: [1, 2, 3, 4, 5], fromMinute: at(8), toMinute: at(12) }
const nights = { ...always, weekdays: [5], fromMinute: at(22), toMinute: at(6) }
const holidays = { ...always, firstDay: '2026-12-24', lastDay: '2026-12-26' }
const night = { ...always, fromMinute: at(2, 30), toMinute: at(3, 30) }

// 30 November 2026 is a Monday.
test.each([
  ['at any time', always, '2026-11-30T03:00+01:00', true],
  ['at the first minute', mornings, '2026-11-30T08:00+01:00', true],
  ['a second before', mornings, '2026-11-30T07:59:59+01:00', false],
  ['in the last second', mornings, '2026-11-30T11:59:59+01:00', true],
  ['at the end', mornings, '2026-11-30T12:00+01:00', false],
  ['on another weekday', mornings, '2026-11-28T09:00+01:00', false],
  ['in summer, by the clock on the wall', mornings, '2026-07-01T08:00+02:00', true],
  ['in summer, an hour before', mornings, '2026-07-01T07:59+02:00', false],
  ['before midnight', nights, '2026-12-04T23:00+01:00', true],
  ['after midnight of that day', nights, '2026-12-05T05:59+01:00', true],
  ['after the night', nights, '2026-12-05T06:00+01:00', false],
  ['in the night before', nights, '2026-12-04T01:00+01:00', false],
  ['in the night after', nights, '2026-12-05T23:00+01:00', false],
  ['on the last evening before the first day', holidays, '2026-12-23T23:59+01:00', false],
  ['on the first day', holidays, '2026-12-24T00:00+01:00', true],
  ['on the last day', holidays, '2026-12-26T23:59+01:00', true],
  ['after the last day', holidays, '2026-12-27T00:00+01:00', false],
  [
    'in a night that began on the last day',
    { ...nights, lastDay: '2026-12-04' },
    '2026-12-05T05:00+01:00',
    true,
  ],
  [
    'in a night that began before the first',
    { ...nights, firstDay: '2026-12-05' },
    '2026-12-05T05:00+01:00',
    false,
  ],
  // On 29 March 2026 clocks go from 2 to 3, on 25 October from 3 to 2.
  ['when half of the hours do not exist', night, '2026-03-29T03:00+02:00', true],
  ['just before the clocks go forward', night, '2026-03-29T01:59+01:00', false],
  ['the first time that it is half past two', night, '2026-10-25T02:30+02:00', true],
  ['between the two times', night, '2026-10-25T02:00+01:00', false],
  ['the second time', night, '2026-10-25T02:30+01:00', true],
  ['on a day of 25 hours, after its last hour', nights, '2026-10-24T05:00+02:00', true],
  [
    'late on a day of 25 hours, as of the day before',
    { ...always, weekdays: [6], fromMinute: at(22), toMinute: at(21, 30) },
    '2026-10-25T21:15+01:00',
    true,
  ],
  [
    'early after a day of 23 hours',
    { ...always, weekdays: [7], fromMinute: at(23), toMinute: at(1) },
    '2026-03-30T00:30+02:00',
    true,
  ],
  ['with no hours at all', [], '2026-11-30T09:00+01:00', false],
  ['in the second of two hours', [mornings, nights], '2026-12-04T23:00+01:00', true],
] as const)('%s', (_, hours, when, expected) => {
  expect(mayCome(hours, when)).toBe(expected)
})

test.each([
  ['America/New_York', '2026-11-30T08:00-05:00', '2026-11-30T08:00+01:00'],
  ['Asia/Kathmandu', '2026-11-30T08:00+05:45', '2026-11-30T08:00-05:00'],
  ['Pacific/Kiritimati', '2026-11-30T08:00+14:00', '2026-11-28T08:00+01:00'],
  // Clocks go back in April there.
  ['Australia/Lord_Howe', '2026-04-06T08:00+10:30', '2026-04-06T07:59+10:30'],
])('by the clock of a door in %s', (timeZone, within, outside) => {
  const door = { ...berlin, timeZone }
  expect([mayCome(mornings, within, door), mayCome(mornings, outside, door)]).toEqual([true, false])
})

describe('which lists count', () => {
  const monday = Date.parse('2026-11-30T20:00+01:00')
  const lists = [
    { listId: 'cleaners', name: 'Cleaners', hours: [mornings] },
    { listId: 'family', name: 'Family', hours: [always] },
    { listId: 'side', name: 'Side', hours: [{ ...always, doorId: 'maple-street_side' }] },
  ]
  test.each([
    ['no list', [], true],
    ['a list that was deleted', ['gone'], true],
    ['one outside of its hours', ['cleaners'], false],
    ['one of two within its hours', ['cleaners', 'family'], true],
    ['a list for another door', ['side'], false],
  ])('%s', (_, listIds, expected) => {
    expect(mayComeNow(lists, listIds, berlin, monday)).toBe(expected)
  })
})

/**
 * Guest lists: named groups of people, and the hours in which they are let in without a question to
 * the owner. Outside of these hours a recognised person is asked about.
 */

export interface GuestList {
  readonly listId: string
  readonly name: string
  /** Without any, its people are asked about each time. */
  readonly hours: readonly GuestHours[]
}

/** By the clock of the door. */
export interface GuestHours {
  /** Null: all doors. */
  readonly doorId: string | null
  /** 1 is Monday. After midnight the day counts on which the hours began. */
  readonly weekdays: readonly number[]
  readonly fromMinute: number
  /** Up to `fromMinute` it is on the next day. */
  readonly toMinute: number
  /** The first and the last day, as in `2026-12-24`. */
  readonly firstDay: string | null
  readonly lastDay: string | null
}

interface DoorClock {
  readonly doorId: string
  readonly timeZone: string
}

/** A person in no list may come at any time, and one in several in the hours of each. */
export function mayComeNow(
  allLists: readonly GuestList[],
  listIds: readonly string[],
  door: DoorClock,
  nowMs: number,
): boolean {
  const lists = allLists.filter(({ listId }) => listIds.includes(listId))
  if (lists.length === 0) return true
  const today = localTime(nowMs, door.timeZone)
  // Half a day before midnight is yesterday, also on days of 23 or 25 hours.
  const yesterday = localTime(nowMs - (today.minute + halfDay) * minuteMs, door.timeZone)
  return lists
    .flatMap(({ hours }) => hours)
    .filter(({ doorId }) => doorId === null || doorId === door.doorId)
    .some((hours) => isWithin(hours, today, yesterday))
}

const minuteMs = 60_000
const halfDay = 12 * 60

function isWithin(hours: GuestHours, today: LocalTime, yesterday: LocalTime): boolean {
  const { fromMinute, toMinute } = hours
  const { minute } = today
  const hasBegun = isOn(hours, today) && minute >= fromMinute
  if (toMinute > fromMinute) return hasBegun && minute < toMinute
  return hasBegun || (isOn(hours, yesterday) && minute < toMinute)
}

const isOn = ({ weekdays, firstDay, lastDay }: GuestHours, { day, weekday }: LocalTime): boolean =>
  weekdays.includes(weekday) && (firstDay ?? day) <= day && day <= (lastDay ?? day)

interface LocalTime {
  readonly day: string
  readonly weekday: number
  /** As clocks on the wall show it, so one hour comes twice in autumn. */
  readonly minute: number
}

const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

export function localTime(atMs: number, timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short' },
    ...{ hour: '2-digit', minute: '2-digit' },
  })
  const parts = format.formatToParts(atMs).map(({ type, value }) => [type, value] as const)
  const { year, month, day, weekday = '', hour, minute } = Object.fromEntries(parts)
  return {
    day: `${year}-${month}-${day}`,
    weekday: weekdayNames.indexOf(weekday) + 1,
    minute: Number(hour) * 60 + Number(minute),
  }
}

/** What an owner types about the hours of a guest list, checked field by field. */
import type { GuestHours } from './guest-list.ts'
import { nameProblem } from './visitor-form.ts'

/** As typed: times as in `08:30`, days as in `2026-12-24`. An empty field sets no limit. */
export interface TypedHours {
  readonly doorId: string
  /** As in `135` for Monday, Wednesday and Friday. */
  readonly weekdays: string
  readonly from: string
  readonly to: string
  readonly firstDay: string
  readonly lastDay: string
}

type HoursProblem = 'missing' | 'unfit' | 'before-first'
export type HoursProblems = Partial<Record<keyof TypedHours, HoursProblem>>

export type ReadHours =
  | { readonly ok: true; readonly hours: GuestHours }
  | { readonly ok: false; readonly problems: HoursProblems }

export const listNameProblem = nameProblem

export function readHours(typed: TypedHours, doorIds: readonly string[]): ReadHours {
  const { doorId, from, to, firstDay, lastDay } = typed
  const weekdays = [...new Set(typed.weekdays)].sort().map(Number)
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)]
  const problems: HoursProblems = {
    ...(doorId !== '' && !doorIds.includes(doorId) && { doorId: 'unfit' }),
    ...(weekdays.length === 0 && { weekdays: 'missing' }),
    ...(weekdays.some((day) => !(day >= 1 && day <= 7)) && { weekdays: 'unfit' }),
    ...(fromMinute === null && { from: 'unfit' }),
    ...(toMinute === null && { to: 'unfit' }),
    ...(firstDay !== '' && !isDay(firstDay) && { firstDay: 'unfit' }),
    ...(lastDay !== '' && firstDay > lastDay && { lastDay: 'before-first' }),
    ...(lastDay !== '' && !isDay(lastDay) && { lastDay: 'unfit' }),
  }
  if (Object.keys(problems).length > 0 || fromMinute === null || toMinute === null) {
    return { ok: false, problems }
  }
  const orNull = (text: string) => (text === '' ? null : text)
  return {
    ok: true,
    hours: {
      ...{ doorId: orNull(doorId), weekdays, fromMinute, toMinute },
      ...{ firstDay: orNull(firstDay), lastDay: orNull(lastDay) },
    },
  }
}

/** Nothing typed is midnight: from the start, or to the end of the day. */
function minuteOf(typed: string): number | null {
  if (typed === '') return 0
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(typed) ?? []
  return hour === undefined ? null : Number(hour) * 60 + Number(minute)
}

export const isDay = (typed: string): boolean => {
  const [, year = 0, month = 0, day = 0] =
    /^(2\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.exec(typed)?.map(Number) ?? []
  return day > 0 && day <= daysIn(year, month)
}

const daysIn = (year: number, month: number): number => {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

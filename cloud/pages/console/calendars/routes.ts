/** The calendars of a door, from which codes for bookings are made. */
import * as z from 'zod/mini'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { isCalendarUrl, tidyUrl } from '../../../calendars/calendar-url.ts'
import type { Door } from '../../../members/core/household.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { doorIn } from '../doors/command.ts'
import { calendarsPage, type TypedCalendar } from './view.ts'

export const calendarRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/doors/:id/calendars', 'owner', (here) => withDoor(here, (door) => show(deps, here, door))),
  post('/doors/:id/calendars', 'owner', (here) => withDoor(here, (door) => add(deps, here, door))),
  post('/doors/:id/calendars/:calendar/remove', 'owner', (here) =>
    withDoor(here, (door) => remove(deps, here, door)),
  ),
]

function withDoor(here: Here, answer: (door: Door) => Promise<Response>) {
  const door = doorIn(here)
  return door ? answer(door) : notFoundIn(here)
}

const pathOf = ({ doorId }: Door): string => `/doors/${doorId}/calendars`

async function show(
  deps: WebDeps,
  here: Here,
  door: Door,
  typed: TypedCalendar = { calendarId: deps.newId(), url: '', checkIn: '15:00', checkOut: '11:00' },
  problems: Partial<Record<keyof TypedCalendar, string>> = {},
) {
  const ref = { household: here.home.household, doorId: door.doorId }
  const calendars = await deps.owners.calendars.ofDoor(ref)
  const nowMs = deps.clock.nowMs()
  const html = calendarsPage(here, { door, calendars, typed, problems, nowMs })
  return here.context.html(html, Object.keys(problems).length > 0 ? 422 : 200)
}

const text = z.string().check(z.maxLength(2_000))
const formSchema = z.strictObject({ calendarId: hexId, url: text, checkIn: text, checkOut: text })

async function add(deps: WebDeps, here: Here, door: Door) {
  const form = await formOf(here, formSchema)
  if (!form) return invalidIn(here)
  const words = here.words.codes.calendar
  const url = tidyUrl(form.url)
  const [checkInMinute, checkOutMinute] = [form.checkIn, form.checkOut].map(minuteIn)
  if (!isCalendarUrl(url) || checkInMinute === undefined || checkOutMinute === undefined) {
    return show(deps, here, door, form, {
      ...(!isCalendarUrl(url) && { url: words.badUrl }),
      ...(checkInMinute === undefined && { checkIn: words.badTime }),
      ...(checkOutMinute === undefined && { checkOut: words.badTime }),
    })
  }
  const isAdded = await deps.owners.calendars.add({
    ...{ household: here.home.household, doorId: door.doorId, calendarId: form.calendarId, url },
    ...{ addedBy: here.member.memberId, checkInMinute, checkOutMinute },
  })
  return isAdded ? goTo(here, pathOf(door)) : show(deps, here, door, form, { url: words.full })
}

function minuteIn(typed: string): number | undefined {
  const [, hours, minutes] = /^\s*([01]?\d|2[0-3]):([0-5]\d)(?::00)?\s*$/.exec(typed) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

async function remove(deps: WebDeps, here: Here, door: Door) {
  const calendarId = here.context.req.param('calendar') ?? ''
  const ref = { household: here.home.household, doorId: door.doorId }
  const all = await deps.owners.calendars.ofDoor(ref)
  if (!all.some((one) => one.calendarId === calendarId)) return notFoundIn(here)
  await deps.owners.calendars.remove({ ...ref, calendarId })
  return goTo(here, pathOf(door))
}

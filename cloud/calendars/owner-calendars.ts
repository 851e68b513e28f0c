/** What an owner may do with the calendars of a door. */
import { withdraw } from '../credentials/change-credential.ts'
import { isLive } from '../credentials/core/credential.ts'
import type { OfferDeps } from '../credentials/offer.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import type { Calendar, CalendarRef } from './core/calendar.ts'

export type CalendarCommands = ReturnType<typeof calendarCommands>
type Deps = OfferDeps & Uses<'calendars'>

const mostCalendars = 5

export interface NewCalendar
  extends Pick<Calendar, 'household' | 'doorId' | 'calendarId' | 'url' | 'addedBy'> {
  readonly checkInMinute: number
  readonly checkOutMinute: number
}

export const calendarCommands = (deps: Deps) => ({
  ofDoor: (door: DoorRef) => deps.calendars.ofDoor(door),
  /** False when the door has as many as it may have. It is fetched within half an hour. */
  async add(calendar: NewCalendar): Promise<boolean> {
    const { household, doorId, calendarId } = calendar
    const all = await deps.calendars.ofDoor({ household, doorId })
    if (all.some((one) => one.calendarId === calendarId)) return true
    if (all.length >= mostCalendars) return false
    await deps.calendars.add({
      ...calendar,
      ...{ addedAtMs: deps.clock.nowMs(), removedAtMs: null, fetchedAtMs: null, readAtMs: null },
      ...{ result: null, etag: null, events: [] },
    })
    return true
  },
  /** Its codes end too. The calendar first, so that none is made again. */
  async remove(ref: CalendarRef): Promise<void> {
    const nowMs = deps.clock.nowMs()
    await deps.calendars.remove(ref, nowMs)
    for (const one of await deps.credentials.ofDoor(ref)) {
      const isOfIt = one.booking?.calendarId === ref.calendarId && isLive(one, nowMs)
      if (isOfIt) await withdraw(deps, one, { why: 'its calendar was removed' })
    }
  },
})

/**
 * Makes codes for the bookings of a calendar, and changes and withdraws them with the bookings. May
 * run again at any time: codes are named after their booking.
 */
import { createHash } from 'node:crypto'
import { changeTerms, withdraw } from '../credentials/change-credential.ts'
import { isLive, type StandingCredential } from '../credentials/core/credential.ts'
import { makeCode, type SetDeps } from '../credentials/set-credential.ts'
import { type AlarmDeps, notifyOwner } from '../doors/owner-alarms.ts'
import { doorOf } from '../members/core/household.ts'
import type { FeedAnswer, Uses } from '../ports.ts'
import { type Booking, bookingsOf } from './core/bookings.ts'
import { type Calendar, type CalendarEvent, type FeedResult, isFailing } from './core/calendar.ts'
import { readCalendar } from './read-calendar.ts'

export type SyncDeps = SetDeps & AlarmDeps & Uses<'calendars' | 'calendarFeeds'>

async function syncCalendar(deps: SyncDeps, calendar: Calendar): Promise<void> {
  const { household, doorId, calendarId } = calendar
  const door = doorOf(await deps.household(household), doorId)
  if (!door) return
  const { timeZone, language } = door.settings
  const answer = await deps.calendarFeeds.fetch(calendar.url, calendar.etag)
  const read = readAnswer(answer, calendar, timeZone)
  const nowMs = deps.clock.nowMs()
  const isCurrent = await deps.calendars.markFetched(calendar, { atMs: nowMs, ...read })
  deps.log.info({ doorId, calendarId, result: read.result }, 'calendar fetched')
  // It was removed meanwhile.
  if (!isCurrent) return
  if (read.result !== 'read') {
    if (!isFailing(calendar, nowMs)) return
    const since = calendar.readAtMs ?? calendar.addedAtMs
    return notifyOwner(deps, calendar, `calendar-${calendarId}-${since}`, 'calendar-failed')
  }
  const bookings = bookingsOf(read.events, { ...calendar, timeZone }, nowMs)
  const all = (await deps.credentials.ofDoor(calendar)).filter(
    ({ booking }) => booking?.calendarId === calendarId,
  )
  for (const one of all) await endWithout(deps, one, bookings)
  for (const booking of bookings) await follow(deps, calendar, { booking, all, language })
}

interface Read {
  readonly result: FeedResult
  readonly events: readonly CalendarEvent[]
  readonly etag: string | null
}

/** A failure changes no booking. */
function readAnswer(answer: FeedAnswer, { events, etag }: Calendar, timeZone: string): Read {
  if (answer.outcome === 'failed') return { result: answer.why, events, etag }
  if (answer.outcome === 'not-modified') return { result: 'read', events, etag }
  const read = readCalendar(answer.text, timeZone)
  if (read === null) return { result: 'not-a-calendar', events, etag }
  return { result: 'read', events: read, etag: answer.etag }
}

/** The UID of a booking may name the guest. */
const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 32)

const goneWhy = 'the booking is not in the calendar any more'

async function endWithout(
  deps: SyncDeps,
  credential: StandingCredential,
  bookings: readonly Booking[],
): Promise<void> {
  const isThere = bookings.some(({ uid }) => hashOf(uid) === credential.booking?.uid)
  if (isThere || !isLive(credential, deps.clock.nowMs())) return
  await withdraw(deps, credential, { why: goneWhy })
}

interface Followed {
  readonly booking: Booking
  readonly all: readonly StandingCredential[]
  readonly language: StandingCredential['language']
}

async function follow(
  deps: SyncDeps,
  calendar: Calendar,
  { booking, all, language }: Followed,
): Promise<void> {
  const { household, doorId, calendarId } = calendar
  const uid = hashOf(booking.uid)
  const theirs = all.filter((one) => one.booking?.uid === uid)
  const live = theirs.find((one) => isLive(one, deps.clock.nowMs()))
  const validity = {
    ...{ notBeforeMs: booking.fromMs, expiresAtMs: booking.toMs, weeklyHours: [], visits: null },
  }
  if (live) {
    const { notBeforeMs, expiresAtMs } = live.validity
    if (notBeforeMs === booking.fromMs && expiresAtMs === booking.toMs) return
    await changeTerms(deps, live, { validity, second: live.second })
    return
  }
  // What an owner withdrew stays withdrawn.
  if (theirs.some(({ withdrawn }) => withdrawn !== null && withdrawn.why !== goneWhy)) return
  const formId = hashOf(calendarId, uid, String(theirs.length))
  const holder = { visitorId: formId, name: booking.name || '–', language }
  const made = await makeCode(deps, {
    ...{ door: { household, doorId }, formId, holder, validity, second: null },
    ...{ by: 'calendar', purpose: 'guest', booking: { calendarId, uid } },
  })
  if (made.outcome === 'set') return
  deps.log.warn({ doorId, calendarId, outcome: made.outcome }, 'no code for a booking')
  await notifyOwner(deps, calendar, `booking-${calendarId}-${uid}`, 'grant-refused')
}

/** A failure of one calendar does not stop the others. */
export async function syncCalendars(deps: SyncDeps): Promise<void> {
  for (const household of await deps.households.list()) {
    for (const { doorId } of (await deps.household(household))?.doors ?? []) {
      for (const calendar of await deps.calendars.ofDoor({ household, doorId })) {
        await syncCalendar(deps, calendar).catch((error: unknown) =>
          deps.log.error({ doorId, calendarId: calendar.calendarId, error }, 'calendar not read'),
        )
      }
    }
  }
}

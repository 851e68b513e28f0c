/** Every half hour, by a schedule: calendars of bookings. */
import { type SyncDeps, syncCalendars } from '../calendars/sync-calendar.ts'

export const parts = [
  'calendars',
  'calendarFeeds',
  'credentials',
  'household',
  'households',
  'idempotency',
  'secrets',
  'doors',
  'introductions',
  'mail',
  'notices',
  'push',
] as const

export const makeHandler = (deps: SyncDeps) => () => syncCalendars(deps)

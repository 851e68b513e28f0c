/** A calendar of bookings, and what became of fetching it. */
import type { DoorRef } from '../../doors/core/door-ref.ts'

export interface CalendarRef extends DoorRef {
  readonly calendarId: string
}

export interface Calendar extends CalendarRef {
  /** Secret, because the bookings can be read with it. */
  readonly url: string
  /** Minutes of the day by the clock of the door, for bookings of whole days. */
  readonly checkInMinute: number
  readonly checkOutMinute: number
  readonly addedAtMs: number
  readonly addedBy: string
  readonly removedAtMs: number | null
  /** Null: not yet. */
  readonly fetchedAtMs: number | null
  readonly result: FeedResult | null
  /** When it was last read without a failure. */
  readonly readAtMs: number | null
  readonly etag: string | null
  /** As they were last read. */
  readonly events: readonly CalendarEvent[]
}

export const feedFailures = [
  'address',
  'unreachable',
  'status',
  'too-large',
  'not-a-calendar',
] as const
export type FeedFailure = (typeof feedFailures)[number]
export type FeedResult = 'read' | FeedFailure

/** A day as in `2026-12-24`, or an instant. */
export type CalendarTime = { readonly day: string } | { readonly atMs: number }

export interface CalendarEvent {
  readonly uid: string
  readonly name: string
  readonly from: CalendarTime
  readonly to: CalendarTime
}

const hourMs = 3_600_000

/** After so long without success the owners are notified. */
const failingAfterMs = 24 * hourMs

export const isFailing = ({ readAtMs, addedAtMs }: Calendar, nowMs: number): boolean =>
  nowMs - (readAtMs ?? addedAtMs) > failingAfterMs

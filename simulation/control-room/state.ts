/**
 * The state of a home: for scripts as `GET /api/state`, and for the control room's page, which gets
 * all of it on every change and therefore fewer entries of each list.
 */
import * as z from 'zod/mini'

const epochMs = z.int()

export const timelineEntrySchema = z.strictObject({
  atMs: epochMs,
  who: z.enum(['door', 'lock', 'cloud', 'phone', 'you']),
  /** Null for entries that belong to no visit. */
  visit: z.nullable(z.int()),
  sentence: z.string(),
})
export type TimelineEntry = z.infer<typeof timelineEntrySchema>

const door = z.strictObject({
  lock: z.enum(['open', 'closed']),
  contact: z.enum(['open', 'closed']),
  online: z.boolean(),
  /** Whether the daemon is connected. */
  running: z.boolean(),
  visitNumber: z.nullable(z.int()),
  keypad: z.enum(['ready', 'paused', 'clock-unknown', 'private', 'shut', 'out-of-order', 'away']),
  /** The address in the QR code on the keypad; null while it shows none. */
  scan: z.nullable(z.url()),
  lockedOutUntil: z.nullable(epochMs),
})
export type DoorState = z.infer<typeof door>

const text = z.strictObject({ text: z.string(), at: epochMs })

const visit = z.strictObject({
  id: z.string(),
  number: z.nullable(z.int()),
  state: z.string(),
  /** The reason for the outcome, in words; null before a decision. */
  reason: z.nullable(z.string()),
  people: z.array(z.string()),
})
export type VisitState = z.infer<typeof visit>

const urls = z.strictObject({ keypad: z.nullable(z.url()), web: z.url() })

export const apiStateSchema = z.strictObject({
  /** Simulated time, which may be ahead of real time. */
  now: epochMs,
  door,
  scene: z.array(z.string()),
  mailbox: z.array(
    z.strictObject({
      id: z.string(),
      at: epochMs,
      to: z.array(z.string()),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
      links: z.array(z.string()),
      pictures: z.array(z.string()),
    }),
  ),
  phones: z.record(z.string(), z.array(text)),
  visits: z.array(visit),
  urls,
})
export type ApiState = z.infer<typeof apiStateSchema>

const trouble = z.strictObject({
  network: z.boolean(),
  slowMs: z.int(),
  doubles: z.boolean(),
  loseTexts: z.int(),
  delayTextMs: z.int(),
  diskFull: z.boolean(),
  camera: z.boolean(),
  /** Error of the door's own clock. */
  doorClockOffMs: z.int(),
})
export type TroubleState = z.infer<typeof trouble>

const pageStateSchema = z.strictObject({
  now: epochMs,
  door,
  scene: z.array(z.string()),
  people: z.array(z.string()),
  /** When the last picture was taken; null without one. */
  picture: z.nullable(z.int()),
  trouble,
  /** Newest first, as are texts and timeline. */
  mails: z.array(
    z.strictObject({ id: z.string(), at: epochMs, to: z.string(), subject: z.string() }),
  ),
  texts: z.array(z.strictObject({ id: z.int(), at: epochMs, to: z.string(), text: z.string() })),
  timeline: z.array(timelineEntrySchema),
  visits: z.array(visit),
  /** Whether visits are recorded. */
  recordings: z.boolean(),
  urls,
})
export type PageState = z.infer<typeof pageStateSchema>

/** What the control room shows, sent whole on every change. */
import * as z from 'zod/mini'

const timelineEntrySchema = z.strictObject({
  atMs: z.int(),
  who: z.enum(['door', 'lock', 'cloud', 'you']),
  sentence: z.string(),
})
export type TimelineEntry = z.infer<typeof timelineEntrySchema>

export const controlRoomStateSchema = z.strictObject({
  door: z.strictObject({
    lock: z.enum(['open', 'closed']),
    contactOpen: z.boolean(),
    /** Whether the daemon's process is there. */
    running: z.boolean(),
    online: z.boolean(),
    /** `null` while nobody is there; the number is not known after a restart in mid-visit. */
    visit: z.nullable(z.strictObject({ number: z.nullable(z.int()) })),
  }),
  somebodyThere: z.boolean(),
  networkUp: z.boolean(),
  /** Newest first, both. */
  texts: z.array(z.strictObject({ atMs: z.int(), to: z.string(), text: z.string() })),
  timeline: z.array(timelineEntrySchema),
  /** The keypad has none until it has been ready once. */
  urls: z.strictObject({ keypad: z.nullable(z.url()) }),
})
export type ControlRoomState = z.infer<typeof controlRoomStateSchema>

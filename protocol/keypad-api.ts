/** What the page on the door's screen and the daemon say to each other, on this machine only. */
import * as z from 'zod/mini'
import { visitStatuses } from './messages/cloud.ts'
import { languageSchema } from './messages/shared.ts'

export const codeRequestSchema = z.strictObject({
  code: z.string().check(z.regex(/^[0-9]{4,16}$/)),
})
export const bellRequestSchema = z.strictObject({})

/** `denied` is all that a visitor learns, whatever was wrong with the code. */
export const codeAnswerSchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('accepted'),
    visitorName: z.string(),
    language: languageSchema,
    unlockedForMs: z.int(),
  }),
  /** The code was good and is used up, but the lock did not open. The owner is notified. */
  z.strictObject({ outcome: z.literal('not-opened'), language: languageSchema }),
  z.strictObject({ outcome: z.literal('denied'), pausedForMs: z.int() }),
  /** The keypad is paused: the code was not even looked at. */
  z.strictObject({ outcome: z.literal('paused'), pausedForMs: z.int() }),
])
export type CodeAnswer = z.infer<typeof codeAnswerSchema>

/** From the door's config file. */
const keypadOptionsSchema = z.strictObject({
  /** The digits change places with each visitor, so that marks on the screen say nothing. */
  shuffle: z.boolean(),
  /** A digit counts after it was held for a moment. For people with tremor. */
  longPress: z.boolean(),
  /** The page says its sentences aloud. */
  speech: z.boolean(),
})
export type KeypadOptions = z.infer<typeof keypadOptionsSchema>

/** Sent whole on every change, so that a page which just reconnected knows everything. */
export const keypadStateSchema = z.strictObject({
  doorName: z.string(),
  language: languageSchema,
  digits: z.int(),
  lock: z.enum(['locked', 'unlocked']),
  /**
   * `private`: the household does not want to be disturbed; a break-glass code opens all the same.
   * `shut`: the owner has locked the door for all codes. `out-of-order`: after a fault the door only
   * lets people out.
   */
  keypad: z.enum(['ready', 'paused', 'clock-unknown', 'private', 'shut', 'out-of-order']),
  /** Counted down by the page itself from the moment it arrives. */
  pausedForMs: z.int(),
  online: z.boolean(),
  visit: z.nullable(
    z.strictObject({ number: z.int(), status: z.enum(['here', ...visitStatuses]) }),
  ),
  /** What the QR code says: an address for the visitor's phone. Null: no code is shown now. */
  scan: z.nullable(z.string()),
  options: keypadOptionsSchema,
})
export type KeypadState = z.infer<typeof keypadStateSchema>
/** The part that the core decides. */
export type KeypadView = Omit<KeypadState, 'scan' | 'options'>

/** Every refusal of a request, as the page or a curious person with curl reads it. */
export interface KeypadProblem {
  readonly problem: string
  readonly sentence: string
}

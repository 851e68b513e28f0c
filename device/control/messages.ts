/** What commands of `smart-door` and the running daemon say to each other: one JSON line each way. */
import { join } from 'node:path'
import * as z from 'zod/mini'

/** Folder and socket are open to root and the daemon's user only. */
export const controlPath = (runtimeFolder: string): string => join(runtimeFolder, 'control')

export const controlRequestSchema = z.strictObject({ ask: z.enum(['passcode', 'break-glass']) })
export type ControlRequest = z.infer<typeof controlRequestSchema>

export const passcodeReplySchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('made'),
    code: z.string(),
    validForMs: z.int(),
    replaced: z.int(),
  }),
  z.strictObject({ outcome: z.literal('refused'), reason: z.string() }),
  /** The door cannot do it now, and did nothing. */
  z.strictObject({ outcome: z.literal('busy') }),
])

export const sheetReplySchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('made'),
    codes: z.array(z.string()),
    codesEnded: z.int(),
  }),
  z.strictObject({ outcome: z.enum(['refused', 'busy']) }),
])

export const controlLimits = { requestBytes: 1_024, answerWithinMs: 5_000 }

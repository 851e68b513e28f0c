/**
 * Events that come in batches: one that fails is tried again by itself, and never holds up or
 * repeats the others.
 */
import * as z from 'zod/mini'
import type { Log } from './ports.ts'

export interface Failures {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

const batchSchema = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
})

/** Messages of a queue, all at once: they do not depend on each other. */
export async function eachMessage(
  log: Log,
  event: unknown,
  work: (body: unknown) => Promise<void>,
): Promise<Failures> {
  const { Records } = z.parse(batchSchema, event)
  const failed = await Promise.all(
    Records.map(async ({ messageId, body }) => {
      try {
        await work(JSON.parse(body))
        return []
      } catch (error) {
        log.error({ messageId, error }, 'message failed, will be tried again')
        return [{ itemIdentifier: messageId }]
      }
    }),
  )
  return { batchItemFailures: failed.flat() }
}

const streamSchema = z.object({
  Records: z.array(
    z.object({ kinesis: z.object({ sequenceNumber: z.string(), data: z.string() }) }),
  ),
})

/**
 * Records of a data stream, one after the other. A stream begins again at the first that failed, so
 * only that one is named; those behind it are worked on all the same, for people are waiting.
 */
export async function eachRecord(
  log: Log,
  event: unknown,
  work: (data: string, sequenceNumber: string) => Promise<void>,
): Promise<Failures> {
  let first: string | null = null
  for (const { kinesis } of z.parse(streamSchema, event).Records) {
    const { sequenceNumber, data } = kinesis
    try {
      await work(data, sequenceNumber)
    } catch (error) {
      log.error({ sequenceNumber, error }, 'record failed, will be tried again')
      first ??= sequenceNumber
    }
  }
  return { batchItemFailures: first === null ? [] : [{ itemIdentifier: first }] }
}

const s3Schema = z.object({
  /** What S3 sends once, when it is told where to send events. */
  Event: z.optional(z.string()),
  Records: z.optional(
    z.array(z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })),
  ),
})

/** Which objects an S3 event is about. S3 writes keys as in a form: `+` is a space. */
export const keysIn = (body: unknown): string[] =>
  (z.parse(s3Schema, body).Records ?? []).map(({ s3 }) =>
    decodeURIComponent(s3.object.key.replaceAll('+', ' ')),
  )

const grantRef = z.object({
  household: z.string(),
  doorId: z.string(),
  grantId: z.string(),
  tag: z.string(),
})
export const parseGrantRef = (body: unknown) => z.parse(grantRef, body)

const visitRef = z.object({ household: z.string(), doorId: z.string(), visitId: z.string() })
export const parseVisitRef = (body: unknown) => z.parse(visitRef, body)

/** Events that arrive in batches. A failure is reported for its own event, so only that one is retried. */
import * as z from 'zod/mini'
import type { Log } from './ports.ts'

export interface Failures {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

const batchSchema = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
})

/** Messages of a queue, in parallel. Those with the same body are one piece of work. */
export async function eachMessage(
  log: Log,
  event: unknown,
  work: (body: unknown) => Promise<void>,
): Promise<Failures> {
  const { Records } = z.parse(batchSchema, event)
  const begun = new Map<string, Promise<void>>()
  const once = (body: string) => {
    const done = begun.get(body) ?? work(JSON.parse(body))
    begun.set(body, done)
    return done
  }
  const failed = await Promise.all(
    Records.map(async ({ messageId, body }) => {
      try {
        await once(body)
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
 * Records of a data stream, in order. The stream is retried from the first failed record, so only
 * that one is reported. The records after it are handled now, because a visitor is waiting.
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
  /** S3 sends one test event when notifications are configured. */
  Event: z.optional(z.string()),
  Records: z.optional(
    z.array(z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })),
  ),
})

/** The keys of an S3 event. They are encoded as in a form, where `+` is a space. */
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

const deliveryOrder = z.object({
  ...{ orderId: z.string(), household: z.string(), visitorId: z.string() },
  way: z.enum(['sms', 'email']),
  credential: z.nullable(z.object({ doorId: z.string(), grantId: z.string() })),
})
/** Null for another message of the same queue. */
export const parseDeliveryOrder = (body: unknown) => deliveryOrder.safeParse(body).data ?? null

const visitRef = z.object({ household: z.string(), doorId: z.string(), visitId: z.string() })
export const parseVisitRef = (body: unknown) => z.parse(visitRef, body)

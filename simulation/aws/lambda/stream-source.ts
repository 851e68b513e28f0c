/** An event source mapping between a table's stream and a function. */
import type { StreamRecord } from '../dynamodb/streams.ts'
import type { Queue } from '../sqs/queues.ts'
import { passes } from './filters.ts'

export interface StreamSource {
  readonly batchSize: number
  readonly patterns: readonly unknown[]
  readonly retries: number
  readonly maxAgeMs: number
  readonly bisects: boolean
  /** Whether the function says which record failed. */
  readonly reportsFailures: boolean
  readonly onFailure: Queue | null
  nowMs(): number
  invoke(event: { readonly Records: readonly StreamRecord[] }): Promise<unknown>
}

/**
 * Hands on the records in order. The ones behind a failed one wait until it succeeds or is set aside.
 * AWS pauses a little between tries; here they follow each other at once.
 */
export async function deliverRecords(
  records: readonly StreamRecord[],
  source: StreamSource,
): Promise<void> {
  const wanted = records.filter((record) => passes(record, source.patterns))
  for (let at = 0; at < wanted.length; at += source.batchSize) {
    await deliverBatch(wanted.slice(at, at + source.batchSize), source, 0)
  }
}

async function deliverBatch(
  batch: readonly StreamRecord[],
  source: StreamSource,
  triesBefore: number,
): Promise<void> {
  let left = batch
  let tries = triesBefore
  while (left.length > 0) {
    const failedAt = await firstFailure(left, source)
    if (failedAt === null) return
    left = left.slice(failedAt)
    tries = failedAt > 0 ? 1 : tries + 1
    if (tries > source.retries || isTooOld(left, source)) return setAside(left, source)
    if (source.bisects && failedAt === 0 && left.length > 1) {
      const middle = Math.ceil(left.length / 2)
      await deliverBatch(left.slice(0, middle), source, tries)
      left = left.slice(middle)
    }
  }
}

/** The place of the first record that failed; null if all went well. */
async function firstFailure(
  batch: readonly StreamRecord[],
  source: StreamSource,
): Promise<number | null> {
  const answer = await source.invoke({ Records: batch }).catch(() => 'threw' as const)
  if (answer === 'threw') return 0
  const failures: unknown = Object(answer)['batchItemFailures']
  if (!source.reportsFailures || !Array.isArray(failures) || failures.length === 0) return null
  const ids = failures.map((one) => Object(one)['itemIdentifier'])
  const places = ids.map((id) => batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === id))
  // An unknown id counts as the failure of the whole batch.
  return Math.max(0, Math.min(...places))
}

const isTooOld = ([first]: readonly StreamRecord[], { nowMs, maxAgeMs }: StreamSource): boolean =>
  first !== undefined && nowMs() - first.dynamodb.ApproximateCreationDateTime * 1_000 > maxAgeMs

/** The message names the records; they are not in it. */
function setAside(batch: readonly StreamRecord[], { onFailure, nowMs }: StreamSource): void {
  const [first, last] = [batch[0], batch.at(-1)]
  const message = {
    ...{ version: '1.0', timestamp: new Date(nowMs()).toISOString() },
    requestContext: { condition: 'RetryAttemptsExhausted' },
    DDBStreamBatchInfo: {
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      batchSize: batch.length,
      streamArn: first?.eventSourceARN,
    },
  }
  onFailure?.put(JSON.stringify(message), nowMs())
}

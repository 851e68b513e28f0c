/**
 * The queues of SQS: delays, visibility, redelivery and dead letters, by a given clock. `pump` plays the
 * event source mapping between a queue and its Lambda function.
 */
import { randomUUID } from 'node:crypto'
import { hexOf } from '../wire.ts'

export interface QueueOptions {
  /** How long a received message stays hidden. */
  readonly visibilityMs?: number
  /** After so many receives the message becomes a dead letter. */
  readonly maxReceives?: number
  /** Where dead letters go. */
  readonly deadLetterQueue?: Queue
  /** Of messages that were sent without a delay of their own. */
  readonly delayMs?: number
  /** Older messages are deleted. */
  readonly retentionMs?: number
}

export interface Message {
  readonly messageId: string
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly sentAtMs: number
  visibleFromMs: number
  receives: number
  firstReceivedAtMs: number | null
  /** Only the newest receipt deletes the message. */
  receipt: string | null
}

interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string | undefined
}

/** What a Lambda function gets from its event source mapping. */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[]
}

interface SqsRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<
    Record<string, { readonly stringValue?: string; readonly dataType: string }>
  >
  readonly md5OfBody: string
  readonly eventSource: 'aws:sqs'
  readonly eventSourceARN: string
  readonly awsRegion: string
}

/** Messages that are not reported as failed count as done; a thrown error fails the whole batch. */
type Deliver = (event: SqsEvent) => Promise<BatchAnswer | undefined> | Promise<void>

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

export interface Queue {
  readonly arn: string
  readonly visibilityMs: number
  put(body: string, nowMs: number, more?: NewMessage): Message
  receive(nowMs: number, most: number, visibilityMs?: number): readonly Message[]
  remove(receipt: string): void
  /** Not deleted yet, including hidden and delayed ones. */
  waiting(): readonly Message[]
  deadLetters(): readonly Message[]
  /** When the next message can be received; null when there is none. */
  nextDueMs(): number | null
  /** Delivers due messages to a Lambda function, batch by batch, until none is due. */
  pump(nowMs: number, deliver: Deliver, how?: PumpOptions): Promise<PumpResult>
}

interface PumpOptions {
  readonly batchSize?: number
  /** How many batches may be delivered at the same time. */
  readonly concurrency?: number
}

interface NewMessage {
  readonly delayMs?: number
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
}

interface PumpResult {
  readonly done: number
  readonly failed: number
}

export function queueOf(arn: string, region: string, options: QueueOptions = {}): Queue {
  const { visibilityMs = 30_000, maxReceives = 3, deadLetterQueue, retentionMs } = options
  const messages = new Set<Message>()
  const dead: Message[] = []
  const setAside = (one: Message, nowMs: number) => {
    messages.delete(one)
    dead.push(one)
    deadLetterQueue?.put(one.body, nowMs, { attributes: one.attributes })
  }
  const byReceipt = (receipt: string) => [...messages].find((one) => one.receipt === receipt)
  const receive = (nowMs: number, most: number, hideMs = visibilityMs): Message[] => {
    for (const one of messages) {
      if (nowMs - one.sentAtMs >= (retentionMs ?? Number.POSITIVE_INFINITY)) messages.delete(one)
    }
    const due = [...messages].filter(({ visibleFromMs }) => visibleFromMs <= nowMs)
    for (const one of due) if (one.receives >= maxReceives) setAside(one, nowMs)
    const taken = due.filter((one) => messages.has(one)).slice(0, most)
    for (const one of taken) handOut(one, nowMs, hideMs)
    return taken
  }
  const pump = async (nowMs: number, deliver: Deliver, how: PumpOptions = {}) => {
    const { batchSize = 10, concurrency = 1 } = how
    const result = { done: 0, failed: 0 }
    const deliverAll = async () => {
      for (;;) {
        const batch = receive(nowMs, batchSize)
        if (batch.length === 0) return
        const failed = await failedOf(batch, deliver, { arn, region })
        for (const one of batch) if (!failed.has(one.messageId)) messages.delete(one)
        result.failed += failed.size
        result.done += batch.length - failed.size
      }
    }
    await Promise.all(Array.from({ length: concurrency }, deliverAll))
    return result
  }
  return {
    arn,
    visibilityMs,
    receive,
    pump,
    put(body, nowMs, more = {}) {
      const message = newMessage(body, nowMs, { delayMs: options.delayMs ?? 0, ...more })
      messages.add(message)
      return message
    },
    remove(receipt) {
      const found = byReceipt(receipt)
      if (found) messages.delete(found)
    },
    waiting: () => [...messages],
    deadLetters: () => dead,
    nextDueMs: () =>
      messages.size > 0 ? Math.min(...[...messages].map((one) => one.visibleFromMs)) : null,
  }
}

const newMessage = (body: string, nowMs: number, { delayMs = 0, attributes = {} }: NewMessage) => ({
  messageId: randomUUID(),
  body,
  attributes,
  sentAtMs: nowMs,
  visibleFromMs: nowMs + delayMs,
  receives: 0,
  firstReceivedAtMs: null,
  receipt: null,
})

function handOut(message: Message, nowMs: number, hideMs: number): void {
  message.receives += 1
  message.firstReceivedAtMs ??= nowMs
  message.visibleFromMs = nowMs + hideMs
  message.receipt = randomUUID()
}

async function failedOf(
  batch: readonly Message[],
  deliver: Deliver,
  queue: { arn: string; region: string },
): Promise<Set<string>> {
  try {
    const answer = await deliver({ Records: batch.map((one) => recordOf(one, queue)) })
    const failures = answer?.batchItemFailures ?? []
    return wholeBatchIfUnknown(batch, new Set(failures.map(({ itemIdentifier }) => itemIdentifier)))
  } catch {
    return new Set(batch.map(({ messageId }) => messageId))
  }
}

/** An answer with an unknown id counts as the failure of the whole batch. */
function wholeBatchIfUnknown(batch: readonly Message[], failed: Set<string>): Set<string> {
  const ids = new Set(batch.map(({ messageId }) => messageId))
  return [...failed].every((id) => ids.has(id)) ? failed : ids
}

const recordOf = (
  message: Message,
  { arn, region }: { arn: string; region: string },
): SqsRecord => ({
  messageId: message.messageId,
  receiptHandle: message.receipt ?? '',
  body: message.body,
  attributes: systemAttributes(message),
  messageAttributes: Object.fromEntries(
    Object.entries(message.attributes).map(([name, { StringValue, DataType }]) => [
      name,
      { dataType: DataType, ...(StringValue !== undefined && { stringValue: StringValue }) },
    ]),
  ),
  md5OfBody: hexOf('md5', message.body),
  eventSource: 'aws:sqs',
  eventSourceARN: arn,
  awsRegion: region,
})

export const systemAttributes = (message: Message): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receives),
  SentTimestamp: String(message.sentAtMs),
  SenderId: 'AIDASIMULATION',
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
})

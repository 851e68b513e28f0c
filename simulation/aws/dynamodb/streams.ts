/** DynamoDB Streams: what was written to a table, told in the order of the writes. */
import { randomUUID } from 'node:crypto'
import type { Settings, StreamView } from './settings.ts'
import { type Change, type Item, isSame } from './wire.ts'

/** A record as a Lambda function gets it. */
export interface StreamRecord {
  readonly eventID: string
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE'
  readonly eventVersion: '1.1'
  readonly eventSource: 'aws:dynamodb'
  readonly awsRegion: string
  readonly eventSourceARN: string
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number
    readonly Keys: Item
    readonly NewImage?: Item
    readonly OldImage?: Item
    readonly SequenceNumber: string
    readonly SizeBytes: number
    readonly StreamViewType: StreamView
  }
  /** Only when the item expired. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: string }
}

export interface StreamEvent {
  readonly Records: readonly StreamRecord[]
}

export type StreamListener = (event: StreamEvent) => unknown

/** Who made a change: a caller, or the passing of time. */
export type Cause = 'call' | 'expiry'

export interface Streams {
  has(table: string): boolean
  publish(changes: readonly Change[], cause: Cause): void
  /** One call's records at a time; the next ones wait until the listener is done. */
  listen(table: string, listener: StreamListener): () => void
  /** All that was published has been heard. Throws what a listener threw first. */
  drained(): Promise<void>
}

/** There is nothing to hear: the table was made without a stream. */
export class NoStream extends Error {
  override readonly name = 'NoStream'
  readonly code = 'NO_STREAM'
  constructor(table: string) {
    super(`The table ${table} has no stream.`)
  }
}

const region = 'eu-central-1'

export const streamArn = (table: string): string =>
  `arn:aws:dynamodb:${region}:000000000000:table/${table}/stream/1`

export function streamsOf(settings: Settings, nowMs: () => number): Streams {
  const listeners = new Map<StreamListener, { readonly table: string; heard: Promise<unknown> }>()
  const faults: unknown[] = []
  // Later than any of an earlier run over the same folder.
  let sequence = BigInt(nowMs()) * 1_000_000n

  const recordOf = (change: Change, view: StreamView, cause: Cause): StreamRecord[] => {
    if (isSame(change.before, change.after)) return []
    sequence += 1n
    const number = String(sequence).padStart(21, '0')
    return [describe(change, view, number, cause, nowMs())]
  }
  const tell = (table: string, event: StreamEvent) => {
    for (const [listener, its] of listeners) {
      if (its.table !== table) continue
      its.heard = its.heard.then(() => listener(event)).catch((fault) => faults.push(fault))
    }
  }

  return {
    has: (table) => settings.of(table).stream !== null,
    publish: (changes, cause) => {
      for (const [table, its] of Map.groupBy(changes, (change) => change.table)) {
        const view = settings.of(table).stream
        const Records = view ? its.flatMap((change) => recordOf(change, view, cause)) : []
        if (Records.length > 0) tell(table, { Records })
      }
    },
    listen: (table, listener) => {
      if (settings.of(table).stream === null) throw new NoStream(table)
      const own: StreamListener = (event) => listener(event)
      listeners.set(own, { table, heard: Promise.resolve() })
      return () => listeners.delete(own)
    },
    drained: async () => {
      await quiet([...listeners.values()])
      if (faults.length > 0) throw faults.splice(0)[0]
    },
  }
}

/** A listener may itself write, so that more comes while one waits. */
async function quiet(listeners: readonly { readonly heard: Promise<unknown> }[]): Promise<void> {
  const before = listeners.map(({ heard }) => heard)
  await Promise.all(before)
  if (listeners.some(({ heard }, at) => heard !== before[at])) await quiet(listeners)
}

function describe(
  { table, key, before, after }: Change,
  view: StreamView,
  number: string,
  cause: Cause,
  nowMs: number,
): StreamRecord {
  const images = {
    ...(after && /NEW/.test(view) ? { NewImage: after } : {}),
    ...(before && /OLD/.test(view) ? { OldImage: before } : {}),
  }
  return {
    eventID: randomUUID().replaceAll('-', ''),
    eventName: !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    eventSourceARN: streamArn(table),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(nowMs / 1000),
      Keys: key,
      ...images,
      SequenceNumber: number,
      SizeBytes: Buffer.byteLength(JSON.stringify([key, images])),
      StreamViewType: view,
    },
    ...(cause === 'expiry'
      ? { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const }
      : {}),
  }
}

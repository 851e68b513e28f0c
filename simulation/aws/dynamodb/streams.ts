/** DynamoDB Streams with both images: what was written to a table, as a Lambda function gets it. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Dynalite, Item } from './dynalite.ts'
import type { Write } from './writes.ts'

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
    readonly StreamViewType: 'NEW_AND_OLD_IMAGES'
  }
}

interface StreamEvent {
  readonly Records: readonly StreamRecord[]
}

type Listener = (event: StreamEvent) => unknown

export interface Streams {
  /** Must run before the next write. */
  publish(dynalite: Dynalite, writes: readonly Write[]): Promise<void>
  /** Events come in the order of the writes, each after the listener is done with the one before. */
  listen(table: string, listener: Listener): () => void
  /** Every listener is done. Rejects if a listener threw. */
  drained(): Promise<void>
}

export interface StreamsOptions {
  readonly region: string
  nowMs(): number
}

export function openStreams({ region, nowMs }: StreamsOptions): Streams {
  const listeners = new Set<{ readonly table: string; readonly listener: Listener }>()
  let delivered: Promise<unknown> = Promise.resolve()
  let failure: unknown = null
  let sequence = 0

  const recordOf = ({ table, key, before }: Write, after: Item | null): StreamRecord => {
    sequence += 1
    const images = { ...(after && { NewImage: after }), ...(before && { OldImage: before }) }
    return {
      eventID: randomUUID().replaceAll('-', ''),
      eventName: !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      eventSourceARN: `arn:aws:dynamodb:${region}:000000000000:table/${table}/stream/1`,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(nowMs() / 1000),
        Keys: key,
        ...images,
        SequenceNumber: String(sequence).padStart(21, '0'),
        SizeBytes: Buffer.byteLength(JSON.stringify([key, images])),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    }
  }
  return {
    async publish(dynalite, writes) {
      for (const [table, its] of Map.groupBy(writes, (write) => write.table)) {
        const interested = [...listeners].filter((one) => one.table === table)
        if (interested.length === 0) continue
        const afters = await Promise.all(its.map(({ key }) => dynalite.read(table, key)))
        const Records = its.flatMap((write, nth) => {
          const after = afters[nth] ?? null
          return isDeepStrictEqual(write.before, after) ? [] : [recordOf(write, after)]
        })
        if (Records.length === 0) continue
        for (const { listener } of interested) {
          delivered = delivered
            .then(() => listener({ Records }))
            .catch((error) => {
              failure ??= error
            })
        }
      }
    },
    listen(table, listener) {
      const one = { table, listener }
      listeners.add(one)
      return () => listeners.delete(one)
    },
    async drained() {
      // A listener may itself write.
      for (let last: unknown; last !== delivered; ) {
        last = delivered
        await last
      }
      if (failure !== null) throw failure
    },
  }
}

/** The stored fragments of each stream, oldest first; the oldest are dropped. */
import { AwsError } from '../wire.ts'

export interface StoredFragment {
  /** Fragments of a stream are numbered upwards, with gaps; too large for a JavaScript number. */
  readonly number: string
  readonly producerMs: number
  readonly serverMs: number
  readonly lastMs: number
  readonly blocks: readonly Buffer[]
  readonly header: Buffer
  readonly tags: Readonly<Record<string, string>>
}

export interface VideoStream {
  readonly name: string
  readonly arn: string
  /** Oldest first. */
  readonly fragments: readonly StoredFragment[]
  add(fragment: Omit<StoredFragment, 'number'>): StoredFragment
  /** Calls for every new fragment, until the returned function is called. */
  watch(each: (fragment: StoredFragment) => void): () => void
}

export interface StreamReference {
  readonly StreamName?: string | undefined
  readonly StreamARN?: string | undefined
}

export interface VideoStreams {
  /** Throws what the service answers when there is no such stream. */
  named(reference: StreamReference): VideoStream
  create(name: string): VideoStream
}

export const invalidArgument = (message: string): AwsError =>
  new AwsError(400, 'InvalidArgumentException', message)

export const notFound = (message: string): AwsError =>
  new AwsError(404, 'ResourceNotFoundException', message)

const account = '000000000000'
const mostFragments = 2_000
const numberStep = 4_951_760_157_141_521_099n
const firstNumber = 91_343_852_333_181_432_392_682_062_650_000_000_000_000_000n

export function videoStreams(region: string): VideoStreams {
  const streams = new Map<string, VideoStream>()
  return {
    named({ StreamName, StreamARN }) {
      if ((StreamName === undefined) === (StreamARN === undefined)) {
        throw invalidArgument('Either a StreamName or a StreamARN is needed.')
      }
      const name = StreamName ?? /:stream\/([^/]+)\//.exec(StreamARN ?? '')?.[1] ?? ''
      const stream = streams.get(name)
      if (!stream) throw notFound('There is no such stream.')
      return stream
    },
    create(name) {
      const arn = `arn:aws:kinesisvideo:${region}:${account}:stream/${name}/1600000000000`
      const stream = streams.get(name) ?? videoStream(name, arn)
      streams.set(name, stream)
      return stream
    },
  }
}

function videoStream(name: string, arn: string): VideoStream {
  const fragments: StoredFragment[] = []
  const watchers = new Set<(fragment: StoredFragment) => void>()
  let last = firstNumber
  return {
    name,
    arn,
    fragments,
    add(fragment) {
      last += numberStep
      const stored = { ...fragment, number: String(last) }
      fragments.push(stored)
      if (fragments.length > mostFragments) fragments.shift()
      for (const watcher of watchers) watcher(stored)
      return stored
    },
    watch(each) {
      watchers.add(each)
      return () => watchers.delete(each)
    },
  }
}

export type TimestampKind = 'PRODUCER_TIMESTAMP' | 'SERVER_TIMESTAMP'

export const timestampOf = (fragment: StoredFragment, kind: TimestampKind): number =>
  kind === 'PRODUCER_TIMESTAMP' ? fragment.producerMs : fragment.serverMs

/** In seconds; the end is inclusive. */
export interface TimestampRange {
  readonly StartTimestamp: number
  readonly EndTimestamp: number
}

/** The fragments that begin within the range, in the producer's order. */
export function fragmentsWithin(
  { fragments }: VideoStream,
  kind: TimestampKind,
  { StartTimestamp, EndTimestamp }: TimestampRange,
): readonly StoredFragment[] {
  if (EndTimestamp <= StartTimestamp) throw invalidArgument('The end is not after the start.')
  return fragments
    .filter((one) => timestampOf(one, kind) >= StartTimestamp * 1_000)
    .filter((one) => timestampOf(one, kind) <= EndTimestamp * 1_000)
    .toSorted((one, other) => one.producerMs - other.producerMs)
}

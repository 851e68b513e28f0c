/** What the stand-in for Kinesis Video keeps: fragments by stream, for as long as there is room. */
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
  /** Calls for every fragment from now on, until it is told to stop. */
  watch(each: (fragment: StoredFragment) => void): () => void
}

export interface VideoStreams {
  /** By name or ARN, as a call gives them; refuses what is not there. */
  named(given: {
    readonly StreamName?: string | undefined
    readonly StreamARN?: string | undefined
  }): VideoStream
  create(name: string): VideoStream
}

const account = '000000000000'
const numberStep = 4_951_760_157_141_521_099n
const firstNumber = 91_343_852_333_181_432_392_682_062_650_000_000_000_000_000n

export function videoStreams(region: string, fragmentsKept: number): VideoStreams {
  const streams = new Map<string, VideoStream>()
  return {
    named({ StreamName, StreamARN }) {
      if ((StreamName === undefined) === (StreamARN === undefined)) {
        throw new AwsError(
          400,
          'InvalidArgumentException',
          'Either a StreamName or a StreamARN is needed.',
        )
      }
      const name = StreamName ?? /:stream\/([^/]+)\//.exec(StreamARN ?? '')?.[1] ?? ''
      const stream = streams.get(name)
      if (!stream) throw new AwsError(404, 'ResourceNotFoundException', 'There is no such stream.')
      return stream
    },
    create(name) {
      const arn = `arn:aws:kinesisvideo:${region}:${account}:stream/${name}/1600000000000`
      const stream = streams.get(name) ?? videoStream(name, arn, fragmentsKept)
      streams.set(name, stream)
      return stream
    },
  }
}

function videoStream(name: string, arn: string, fragmentsKept: number): VideoStream {
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
      if (fragments.length > fragmentsKept) fragments.shift()
      for (const watcher of watchers) watcher(stored)
      return stored
    },
    watch(each) {
      watchers.add(each)
      return () => watchers.delete(each)
    },
  }
}

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

export const invalidArgument = (message: string): AwsError =>
  new AwsError(400, 'InvalidArgumentException', message)

export const notFound = (message: string): AwsError =>
  new AwsError(404, 'ResourceNotFoundException', message)

export class VideoStreams {
  readonly #streams = new Map<string, VideoStream>()
  readonly #region: string

  constructor(region: string, names: readonly string[]) {
    this.#region = region
    for (const name of names) this.create(name)
  }

  create(name: string, retentionMs = Number.POSITIVE_INFINITY): VideoStream {
    const stream = new VideoStream(this.#region, name, retentionMs)
    this.#streams.set(name, stream)
    return stream
  }

  delete(name: string): void {
    this.#streams.delete(name)
  }

  names(): readonly string[] {
    return [...this.#streams.keys()]
  }

  /** Deletes what is older than each stream retains. */
  expire(nowMs: number): void {
    for (const stream of this.#streams.values()) stream.expire(nowMs)
  }

  /** Throws what the service answers when there is no such stream. */
  named(name: string): VideoStream {
    if (name === '') throw invalidArgument('A StreamName is needed.')
    const stream = this.#streams.get(name)
    if (!stream) throw notFound('There is no such stream.')
    return stream
  }
}

const account = '000000000000'
const mostFragments = 2_000
const numberStep = 4_951_760_157_141_521_099n
const firstNumber = 91_343_852_333_181_432_392_682_062_650_000_000_000_000_000n

export class VideoStream {
  readonly name: string
  readonly arn: string
  /** Oldest first. */
  readonly fragments: StoredFragment[] = []
  readonly #retentionMs: number
  readonly #watchers = new Set<(fragment: StoredFragment) => void>()
  #last = firstNumber

  constructor(region: string, name: string, retentionMs: number) {
    this.#retentionMs = retentionMs
    this.name = name
    this.arn = `arn:aws:kinesisvideo:${region}:${account}:stream/${name}/1600000000000`
  }

  add(fragment: Omit<StoredFragment, 'number'>): StoredFragment {
    this.#last += numberStep
    const stored = { ...fragment, number: String(this.#last) }
    this.fragments.push(stored)
    if (this.fragments.length > mostFragments) this.fragments.shift()
    for (const watcher of this.#watchers) watcher(stored)
    return stored
  }

  expire(nowMs: number): void {
    const isKept = ({ serverMs }: StoredFragment) => nowMs - serverMs < this.#retentionMs
    const kept = this.fragments.findIndex(isKept)
    this.fragments.splice(0, kept === -1 ? this.fragments.length : kept)
  }

  /** Calls for every new fragment, until the returned function is called. */
  watch(each: (fragment: StoredFragment) => void): () => void {
    this.#watchers.add(each)
    return () => this.#watchers.delete(each)
  }
}

type TimestampKind = 'PRODUCER_TIMESTAMP' | 'SERVER_TIMESTAMP'

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

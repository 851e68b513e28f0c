/**
 * Judges Matroska as Kinesis Video does, and more strictly: it also reports what the service notices
 * only on playback. It reads with the cloud's walker and so shares no code with the door's writer.
 */
import {
  contentOf,
  type EbmlElement,
  EbmlFault,
  EbmlWalker,
  elementsIn,
  ids,
  numberIn,
  tagsIn,
} from '../../../cloud/aws/kinesis-video/ebml.ts'
import { isAvcC, problemWithFrame } from './h264.ts'

export interface Finding {
  /** The service's error; `null` for what it does not notice or does not mind. */
  readonly errorId: number | null
  readonly what: string
  readonly timecodeMs: number | null
}

export interface LintedFragment {
  readonly timecodeMs: number
  readonly lastMs: number
  readonly frames: number
  /** The contents of its blocks. */
  readonly blocks: readonly Buffer[]
  readonly tags: Readonly<Record<string, string>>
  /** Everything from the first byte of the stream to the first cluster. */
  readonly header: Buffer
}

interface LintListener {
  started?(timecodeMs: number): void
  frame?(atMs: number, countInFragment: number): void
  fragment?(fragment: LintedFragment): void
  finding(finding: Finding): void
}

const limits = {
  longestFragmentMs: 20_000,
  shortestFragmentMs: 1_000,
  largestFragmentBytes: 50 * 1024 * 1024,
  tracks: 3,
  tags: 10,
  tagNameBytes: 128,
  tagValueBytes: 256,
  largestHeaderBytes: 256 * 1024,
  largestElementBytes: 16 * 1024 * 1024,
} as const

const errors = {
  tooLarge: 4001,
  tooLong: 4002,
  timecode: 4004,
  mkv: 4006,
  tags: 4009,
  trackMismatch: 4010,
  noFrames: 4011,
  tooManyTracks: 4012,
} as const

const allowedTags = new Set(['AWS_KINESISVIDEO_IMAGE_GENERATION', 'AWS_KINESISVIDEO_NOTIFICATION'])

/** Elements in a cluster that change nothing. */
const harmless = new Set<number>([ids.void, ids.crc32, ids.position, ids.previousSize])

/** Elements that end a cluster of unknown length. */
const clusterEnds = new Set<number>([
  ids.ebml,
  ids.segment,
  ids.seekHead,
  ids.info,
  ids.tracks,
  ids.cluster,
  ids.cues,
  ids.chapters,
  ids.attachments,
  ids.tags,
])

interface OpenFragment {
  /** Infinity when the cluster's length is unknown. */
  readonly endsAt: number
  timecodeMs: number | null
  lastMs: number
  blocks: Buffer[]
  bytes: number
  tracks: Set<number>
}

export class Linter {
  readonly #listener: LintListener
  readonly #walker = new EbmlWalker({
    containers: new Set<number>([ids.segment, ids.cluster]),
    wanted: { has: () => true },
    mostBytes: limits.largestElementBytes,
  })
  #at = 0
  #isOver = false
  #segmentEndsAt: number | null = null
  /** What came before the first cluster, then joined. */
  #headerElements: EbmlElement[] = []
  #header: Buffer | null = null
  #trackNumbers: readonly number[] = []
  #open: OpenFragment | null = null
  /** Its cluster has ended, but the tags that follow still belong to it. */
  #ended: OpenFragment | null = null
  #tags: [name: string, value: string][] = []
  #previousStartMs: number | null = null
  #previousLastMs = Number.NEGATIVE_INFINITY

  constructor(listener: LintListener) {
    this.#listener = listener
  }

  push(bytes: Uint8Array): void {
    this.#guarded(() => this.#walker.push(bytes, (element) => this.#take(element)))
  }

  end(): void {
    this.#guarded(() => {
      const isInside = (endsAt: number) => endsAt !== Infinity && endsAt > this.#at
      const isCut =
        !this.#walker.isBetweenElements() ||
        isInside(this.#open?.endsAt ?? 0) ||
        isInside(this.#segmentEndsAt ?? 0)
      if (isCut) this.#find(errors.mkv, 'The stream ends within an element.')
      else this.#closeCluster()
      this.#isOver = true
      this.#deliver()
    })
  }

  #guarded(work: () => void): void {
    if (this.#isOver) return
    try {
      work()
    } catch (error) {
      if (!(error instanceof EbmlFault)) throw error
      if (!this.#isOver) this.#stop(errors.mkv, error.message)
    }
  }

  #find(errorId: number | null, what: string): void {
    const timecodeMs = this.#open?.timecodeMs ?? this.#ended?.timecodeMs ?? null
    this.#listener.finding({ errorId, what, timecodeMs })
  }

  #stop(errorId: number, what: string): void {
    this.#find(errorId, what)
    this.#isOver = true
  }

  #take(element: EbmlElement): void {
    if (this.#isOver) return
    const startsAt = this.#at
    this.#at += element.length
    if (this.#endsCluster(element, startsAt)) this.#closeCluster()
    if (this.#isTooLong(element)) this.#stop(errors.mkv, 'An element is longer than its container.')
    else if (this.#open) this.#takeInCluster(this.#open, element)
    else if (element.id === ids.cluster) this.#openCluster(element.declaredBytes)
    else this.#takeBesideClusters(element, startsAt)
  }

  #endsCluster({ id }: EbmlElement, startsAt: number): boolean {
    const endsAt = this.#open?.endsAt ?? Infinity
    return startsAt >= endsAt || (endsAt === Infinity && clusterEnds.has(id))
  }

  #isTooLong({ id, declaredBytes }: EbmlElement): boolean {
    const isContainer = id === ids.segment || id === ids.cluster
    const endsAt = isContainer ? this.#at + (declaredBytes ?? 0) : this.#at
    return endsAt > Math.min(this.#open?.endsAt ?? Infinity, this.#segmentEndsAt ?? Infinity)
  }

  #takeBesideClusters(element: EbmlElement, startsAt: number): void {
    const { id } = element
    if (!this.#header) this.#takeInHeader(element, startsAt)
    else if (id === ids.ebml) this.#find(errors.mkv, 'There is more than one document.')
    else if (id === ids.segment) this.#find(errors.mkv, 'There is more than one segment.')
    else if (id === ids.tracks || id === ids.info) {
      this.#find(errors.mkv, 'There is a header between frames.')
    }
    if (id === ids.tags) this.#takeTags(element.content)
  }

  // ---------------------------------------------------------------- header

  #takeInHeader(element: EbmlElement, startsAt: number): void {
    const { id, declaredBytes } = element
    if ((id === ids.ebml) !== (startsAt === 0)) {
      this.#find(errors.mkv, 'The stream does not begin with exactly one EBML header.')
    }
    if (id === ids.segment) {
      if (this.#segmentEndsAt !== null) this.#find(errors.mkv, 'There is more than one segment.')
      this.#segmentEndsAt = declaredBytes === null ? Infinity : this.#at + declaredBytes
    } else if (id !== ids.ebml && this.#segmentEndsAt === null) {
      this.#find(errors.mkv, 'An element is outside the segment.')
    }
    this.#headerElements.push(element)
    if (this.#at > limits.largestHeaderBytes) this.#stop(errors.mkv, 'The header does not end.')
  }

  #checkHeader(): void {
    const inside = (id: number) =>
      elementsIn(contentOf(this.#headerElements, id) ?? Buffer.alloc(0))
    if (contentOf(inside(ids.ebml), ids.docType)?.toString('latin1') !== 'matroska') {
      this.#find(errors.mkv, 'The document is not Matroska.')
    }
    const scale = contentOf(inside(ids.info), ids.timecodeScale)
    if (scale === null || numberIn(scale) !== 1_000_000) {
      this.#find(errors.mkv, 'A tick is not a millisecond.')
    }
    const tracks = inside(ids.tracks)
      .filter(({ id }) => id === ids.trackEntry)
      .map(({ content }) => elementsIn(content))
    if (tracks.length === 0) this.#find(errors.mkv, 'There are frames before any track.')
    if (tracks.length > limits.tracks) {
      this.#find(errors.tooManyTracks, 'There are too many tracks.')
    }
    for (const track of tracks) this.#checkTrack(track)
    this.#trackNumbers = tracks.flatMap((track) => {
      const number = contentOf(track, ids.trackNumber)
      return number === null ? [] : [numberIn(number)]
    })
  }

  #checkTrack(track: readonly EbmlElement[]): void {
    const codecPrivate = contentOf(track, ids.codecPrivate)
    if (contentOf(track, ids.codecId)?.toString('latin1') !== 'V_MPEG4/ISO/AVC') {
      this.#find(errors.mkv, 'A track is not H.264.')
    } else if (!codecPrivate || !isAvcC(codecPrivate)) {
      this.#find(errors.mkv, 'The codec data is not an avcC record.')
    }
  }

  // ---------------------------------------------------------------- clusters

  #openCluster(declaredBytes: number | null): void {
    this.#deliver()
    if (!this.#header) {
      this.#header = Buffer.concat(this.#headerElements.map(({ bytes }) => bytes))
      this.#checkHeader()
      this.#headerElements = []
    }
    this.#open = {
      endsAt: declaredBytes === null ? Infinity : this.#at + declaredBytes,
      timecodeMs: null,
      lastMs: Number.NEGATIVE_INFINITY,
      blocks: [],
      bytes: 0,
      tracks: new Set(),
    }
  }

  #closeCluster(): void {
    const open = this.#open
    if (!open) return
    if (open.timecodeMs === null) this.#find(errors.mkv, 'A cluster has no time.')
    if (this.#trackNumbers.some((number) => !open.tracks.has(number))) {
      this.#find(errors.noFrames, 'A track has no frames in a cluster.')
    }
    this.#previousLastMs = Math.max(this.#previousLastMs, open.lastMs)
    this.#previousStartMs = open.timecodeMs
    this.#ended = open
    this.#open = null
  }

  #takeInCluster(open: OpenFragment, { id, content }: EbmlElement): void {
    if (id === ids.timecode) this.#takeTimecode(open, content)
    else if (id === ids.simpleBlock) this.#takeBlock(open, content)
    else if (!harmless.has(id)) this.#find(errors.mkv, 'An element does not belong in a cluster.')
  }

  #takeTimecode(open: OpenFragment, data: Buffer): void {
    const timecodeMs = numberIn(data)
    if (open.timecodeMs !== null) {
      this.#find(errors.mkv, 'A cluster has two times.')
      return
    }
    open.timecodeMs = timecodeMs
    if (timecodeMs <= this.#previousLastMs) {
      this.#find(errors.timecode, 'A cluster is not later than the last frame.')
    }
    const previousMs = this.#previousStartMs
    if (previousMs !== null && timecodeMs - previousMs < limits.shortestFragmentMs) {
      this.#find(null, 'A fragment was shorter than a second.')
    }
    this.#listener.started?.(timecodeMs)
  }

  #takeBlock(open: OpenFragment, block: Buffer): void {
    const { timecodeMs } = open
    const [head = 0] = block
    if (timecodeMs === null) this.#find(errors.mkv, 'A frame comes before the time of its cluster.')
    else if (block.length < 5 || (head & 0x80) === 0) {
      this.#find(errors.mkv, 'A block is too short.')
    } else this.#takeFrame(open, block, timecodeMs)
  }

  #takeFrame(open: OpenFragment, block: Buffer, timecodeMs: number): void {
    const track = block.readUInt8(0) & 0x7f
    const flags = block.readUInt8(3)
    const isKey = (flags & 0x80) !== 0
    const atMs = timecodeMs + block.readInt16BE(1)
    if (!this.#trackNumbers.includes(track)) {
      this.#find(errors.trackMismatch, 'A frame belongs to no track.')
    }
    if ((flags & 0x06) !== 0) this.#find(errors.mkv, 'Frames are laced.')
    if (open.blocks.length === 0 && !isKey) {
      this.#find(errors.mkv, 'A cluster does not start with a key frame.')
    }
    if (atMs <= Math.max(open.lastMs, this.#previousLastMs)) {
      this.#find(errors.mkv, 'A frame is not later than the one before.')
    }
    const problem = problemWithFrame(block.subarray(4), isKey)
    if (problem) this.#find(errors.mkv, problem)
    open.lastMs = Math.max(open.lastMs, atMs)
    open.tracks.add(track)
    open.blocks.push(block)
    open.bytes += block.length
    if (open.bytes > limits.largestFragmentBytes) {
      this.#stop(errors.tooLarge, 'A fragment is too large.')
    }
    if (atMs - timecodeMs > limits.longestFragmentMs) {
      this.#find(errors.tooLong, 'A fragment is too long.')
    }
    this.#listener.frame?.(atMs, open.blocks.length)
  }

  // ---------------------------------------------------------------- tags and delivery

  #takeTags(content: Buffer): void {
    for (const [name, value] of tagsIn(content)) {
      this.#tags.push([name, value])
      const isOurs = !name.startsWith('AWS') || allowedTags.has(name)
      const fits =
        Buffer.byteLength(name) <= limits.tagNameBytes &&
        Buffer.byteLength(value) <= limits.tagValueBytes
      if (this.#tags.length > limits.tags || !fits || !isOurs) {
        this.#find(errors.tags, 'A tag is not allowed.')
      }
    }
  }

  #deliver(): void {
    const ended = this.#ended
    if (ended?.timecodeMs == null || !this.#header) return
    this.#ended = null
    const { timecodeMs, lastMs, blocks } = ended
    const tags = Object.fromEntries(this.#tags)
    this.#tags = []
    const header = this.#header
    const frames = blocks.length
    this.#listener.fragment?.({ timecodeMs, lastMs, frames, blocks, tags, header })
  }
}

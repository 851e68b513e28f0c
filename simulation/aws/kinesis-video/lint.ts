/**
 * Judges Matroska as Kinesis Video does, and more strictly: also what the service only notices when
 * somebody wants to look at the video.
 */
import { ebmlWalker, ids, type Walked } from './walk.ts'

export interface Finding {
  /** What the service says to it; `null` for what it does not notice or mind. */
  readonly errorId: number | null
  readonly what: string
  readonly timecodeMs: number | null
}

export interface LintedFragment {
  readonly timecodeMs: number
  readonly lastMs: number
  readonly frames: number
  /** What is in the cluster, ready to be put into another. */
  readonly blocks: readonly Buffer[]
  readonly bytes: number
  readonly tags: Readonly<Record<string, string>>
  /** Everything from the first byte to the first cluster. */
  readonly header: Buffer
}

export interface LintListener {
  started?(timecodeMs: number): void
  frame?(atMs: number, countInFragment: number): void
  fragment?(fragment: LintedFragment): void
  finding(finding: Finding): void
}

export interface Linter {
  push(bytes: Uint8Array): void
  end(): void
}

export const limits = {
  longestFragmentMs: 20_000,
  shortestFragmentMs: 1_000,
  largestFragmentBytes: 50 * 1024 * 1024,
  tracks: 3,
  tags: 10,
  tagNameBytes: 128,
  tagValueBytes: 256,
  largestHeaderBytes: 256 * 1024,
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

interface Track {
  number: number | null
  codec: string | null
  codecPrivate: Buffer | null
}

interface OpenFragment {
  timecodeMs: number | null
  lastMs: number
  blocks: Buffer[]
  bytes: number
  tracks: Set<number>
}

const allowedTags = new Set(['AWS_KINESISVIDEO_IMAGE_GENERATION', 'AWS_KINESISVIDEO_NOTIFICATION'])

/** Elements that change nothing. */
const harmless = new Set<number>([
  ...[ids.void, ids.crc32, ids.seekHead, ids.cues, ids.position, ids.previousSize],
])

export function linter(listener: LintListener): Linter {
  const walker = ebmlWalker()
  const tracks: Track[] = []
  const path: number[] = []
  let segments = 0
  let docType: string | null = null
  let scale: number | null = null
  let header: Buffer | null = null
  let headerPieces: Buffer[] = []
  let headerBytes = 0
  let open: OpenFragment | null = null
  /** Closed, but the tags that follow still belong to it. */
  let whole: OpenFragment | null = null
  let tags: Record<string, string> = {}
  let tagCount = 0
  let tagName = ''
  let previousStartMs: number | null = null
  let previousLastMs = Number.NEGATIVE_INFINITY
  let isOver = false

  const find = (errorId: number | null, what: string) => {
    const timecodeMs = open?.timecodeMs ?? whole?.timecodeMs ?? null
    listener.finding({ errorId, what, timecodeMs })
  }
  const checkHeader = () => {
    if (docType !== 'matroska') find(errors.mkv, 'The document is not Matroska.')
    if (scale !== 1_000_000) find(errors.mkv, 'A tick is not a millisecond.')
    if (tracks.length === 0) find(errors.mkv, 'There are frames before any track.')
    if (tracks.length > limits.tracks) find(errors.tooManyTracks, 'There are too many tracks.')
    for (const track of tracks) checkTrack(track)
  }
  const checkTrack = ({ codec, codecPrivate }: Track) => {
    if (codec !== 'V_MPEG4/ISO/AVC') find(errors.mkv, 'A track is not H.264.')
    else if (!codecPrivate || !isAvcC(codecPrivate)) find(errors.mkv, 'The codec data is no avcC.')
  }
  const deliver = () => {
    if (!whole || whole.timecodeMs === null || !header) return
    const { timecodeMs, lastMs, blocks, bytes } = whole
    whole = null
    const said = tags
    tags = {}
    tagCount = 0
    listener.fragment?.({
      timecodeMs,
      lastMs,
      blocks,
      bytes,
      header,
      tags: said,
      frames: blocks.length,
    })
  }
  const openCluster = (at: number) => {
    deliver()
    if (!header) {
      header = Buffer.concat(headerPieces).subarray(0, at)
      headerPieces = []
      checkHeader()
    }
    open = {
      timecodeMs: null,
      lastMs: Number.NEGATIVE_INFINITY,
      blocks: [],
      bytes: 0,
      tracks: new Set(),
    }
  }
  const closeCluster = () => {
    if (!open) return
    if (open.timecodeMs === null) find(errors.mkv, 'A cluster has no time.')
    const missing = tracks.some(({ number }) => number !== null && !open?.tracks.has(number))
    if (missing) find(errors.noFrames, 'A track has no frames in a cluster.')
    previousLastMs = Math.max(previousLastMs, open.lastMs)
    previousStartMs = open.timecodeMs
    whole = open
    open = null
  }
  const takeTimecode = (cluster: OpenFragment, data: Buffer) => {
    const timecodeMs = numberOf(data)
    if (cluster.timecodeMs !== null) return find(errors.mkv, 'A cluster has two times.')
    cluster.timecodeMs = timecodeMs
    if (timecodeMs <= previousLastMs)
      find(errors.timecode, 'A cluster is not later than the last frame.')
    if (previousStartMs !== null && timecodeMs - previousStartMs < limits.shortestFragmentMs) {
      find(null, 'A fragment was shorter than a second.')
    }
    listener.started?.(timecodeMs)
  }
  const takeBlock = (cluster: OpenFragment, data: Buffer) => {
    const { timecodeMs } = cluster
    if (timecodeMs === null)
      return find(errors.mkv, 'A frame comes before the time of its cluster.')
    if (data.length < 5 || ((data[0] ?? 0) & 0x80) === 0)
      return find(errors.mkv, 'A block is too short.')
    const number = (data[0] ?? 0) & 0x7f
    const flags = data[3] ?? 0
    if (!tracks.some((track) => track.number === number))
      find(errors.trackMismatch, 'A frame is of no track.')
    if ((flags & 0x06) !== 0) find(errors.mkv, 'Frames are laced.')
    const isFirst = cluster.blocks.length === 0
    if (isFirst && (flags & 0x80) === 0)
      find(errors.mkv, 'A cluster does not start with a key frame.')
    const atMs = timecodeMs + data.readInt16BE(1)
    if (atMs <= Math.max(cluster.lastMs, previousLastMs))
      find(errors.mkv, 'A frame is not later than the one before.')
    const problem = problemWithFrame(data.subarray(4), (flags & 0x80) !== 0)
    if (problem) find(errors.mkv, problem)
    cluster.lastMs = Math.max(cluster.lastMs, atMs)
    cluster.tracks.add(number)
    cluster.blocks.push(data)
    cluster.bytes += data.length
    if (cluster.bytes > limits.largestFragmentBytes) {
      find(errors.tooLarge, 'A fragment is too large.')
      isOver = true
    }
    if (atMs - timecodeMs > limits.longestFragmentMs)
      find(errors.tooLong, 'A fragment is too long.')
    listener.frame?.(atMs, cluster.blocks.length)
  }
  const takeTag = (value: string) => {
    tagCount += 1
    tags[tagName] = value
    const isOurs = !tagName.startsWith('AWS') || allowedTags.has(tagName)
    const fits =
      Buffer.byteLength(tagName) <= limits.tagNameBytes &&
      Buffer.byteLength(value) <= limits.tagValueBytes
    if (tagCount > limits.tags || !fits || !isOurs) find(errors.tags, 'A tag is not allowed.')
  }
  const takeInCluster = (
    cluster: OpenFragment,
    { id, data }: Extract<Walked, { kind: 'leaf' }>,
  ) => {
    if (id === ids.timecode) takeTimecode(cluster, data)
    else if (id === ids.simpleBlock) takeBlock(cluster, data)
    else if (!harmless.has(id))
      find(errors.mkv, 'There is something in a cluster that does not belong there.')
  }
  const takeLeaf = (leaf: Extract<Walked, { kind: 'leaf' }>) => {
    const { id, data } = leaf
    const track = tracks.at(-1)
    if (open && path.at(-1) === ids.cluster) return takeInCluster(open, leaf)
    if (path.length === 0) find(errors.mkv, 'There is something outside of the segment.')
    if (id === ids.docType) docType = data.toString('latin1')
    else if (id === ids.timecodeScale) scale = numberOf(data)
    else if (id === ids.trackNumber && track) track.number = numberOf(data)
    else if (id === ids.codecId && track) track.codec = data.toString('latin1')
    else if (id === ids.codecPrivate && track) track.codecPrivate = data
    else if (id === ids.tagName) tagName = data.toString('utf8')
    else if (id === ids.tagString) takeTag(data.toString('utf8'))
  }
  const openMaster = (id: number, at: number) => {
    if (id === ids.ebml && (at > 0 || path.length > 0))
      find(errors.mkv, 'There is more than one document.')
    if (id === ids.segment) segments += 1
    if (id === ids.segment && segments > 1) find(errors.mkv, 'There is more than one segment.')
    if (id !== ids.ebml && docType === null) find(errors.mkv, 'It does not begin like a document.')
    if (id === ids.trackEntry) tracks.push({ number: null, codec: null, codecPrivate: null })
    if ((id === ids.tracks || id === ids.info) && header)
      find(errors.mkv, 'A header comes between frames.')
    if (id === ids.tags && open) find(errors.mkv, 'There are tags within a cluster.')
    if (id === ids.cluster) openCluster(at)
    path.push(id)
  }
  const each = (walked: Walked) => {
    if (isOver) return
    if (walked.kind === 'leaf') return takeLeaf(walked)
    if (walked.kind === 'open') return openMaster(walked.id, walked.at)
    path.pop()
    if (walked.id === ids.cluster) closeCluster()
  }
  return {
    push(bytes) {
      if (isOver) return
      if (!header) {
        headerPieces.push(Buffer.from(bytes))
        headerBytes += bytes.length
      }
      // What comes in one piece may be much more than the header.
      if (!header && headerBytes - bytes.length > limits.largestHeaderBytes) {
        find(errors.mkv, 'The header does not end.')
        isOver = true
      }
      if (walker.push(bytes, each)) return
      find(errors.mkv, `There is ${walker.problem()}.`)
      isOver = true
    },
    end() {
      if (isOver) return
      if (!walker.end(each)) find(errors.mkv, 'It ends in the middle of something.')
      isOver = true
      deliver()
    },
  }
}

const numberOf = (data: Buffer): number => data.reduce((sum, byte) => sum * 256 + byte, 0)

/** Version 1, four-byte lengths, and at least one set of either kind, all of which fits. */
export function isAvcC(record: Buffer): boolean {
  if (record.length < 7 || record[0] !== 1 || ((record[4] ?? 0) & 3) !== 3) return false
  const spsEnd = afterSets(record, 6, (record[5] ?? 0) & 0x1f, 7)
  if (spsEnd === null || ((record[5] ?? 0) & 0x1f) === 0) return false
  const ppsCount = record[spsEnd] ?? 0
  return ppsCount > 0 && afterSets(record, spsEnd + 1, ppsCount, 8) !== null
}

function afterSets(record: Buffer, from: number, count: number, type: number): number | null {
  let at = from
  for (let set = 0; set < count; set += 1) {
    if (at + 2 > record.length) return null
    const length = record.readUInt16BE(at)
    if (length === 0 || at + 2 + length > record.length) return null
    if (((record[at + 2] ?? 0) & 0x1f) !== type) return null
    at += 2 + length
  }
  return at
}

function problemWithFrame(frame: Buffer, isKey: boolean): string | null {
  let hasKeySlice = false
  let hasSlice = false
  let at = 0
  while (at < frame.length) {
    if (at + 4 > frame.length) return 'A frame does not end with a NAL unit.'
    const length = frame.readUInt32BE(at)
    // A length of 1 can only be a start code.
    if (length <= 1 || at + 4 + length > frame.length)
      return 'A frame has no NAL lengths of four bytes.'
    const type = (frame[at + 4] ?? 0) & 0x1f
    hasKeySlice ||= type === 5
    hasSlice ||= type === 1
    at += 4 + length
  }
  if (!hasKeySlice && !hasSlice) return 'A frame has no picture.'
  return hasKeySlice === isKey ? null : 'A key frame is not marked as one, or another is.'
}

/**
 * Walks through EBML as it comes in, in pieces of any size. Lengths may be unknown where Matroska
 * allows it; what cannot be right ends the walk, before anything is kept for it.
 */

export type Walked =
  /** `at` counts from the first byte. */
  | { readonly kind: 'open'; readonly id: number; readonly at: number }
  | { readonly kind: 'close'; readonly id: number; readonly at: number }
  | { readonly kind: 'leaf'; readonly id: number; readonly at: number; readonly data: Buffer }

export interface Walker {
  /** False from the first thing on that is not EBML. */
  push(bytes: Uint8Array, each: (walked: Walked) => void): boolean
  /** Closes what has no length; false when it ends in the middle of something. */
  end(each: (walked: Walked) => void): boolean
  problem(): string | null
}

export const ids = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  timecodeScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  audio: 0xe1,
  cluster: 0x1f43b675,
  timecode: 0xe7,
  position: 0xa7,
  previousSize: 0xab,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  cues: 0x1c53bb6b,
  timelineEntries: 0x1043a770,
  attachments: 0x1941a469,
  tags: 0x1254c367,
  tag: 0x7373,
  targets: 0x63c0,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  void: 0xec,
  crc32: 0xbf,
} as const

const masters = new Set<number>([
  ...[ids.ebml, ids.segment, ids.info, ids.tracks, ids.trackEntry, ids.video, ids.audio],
  ...[ids.cluster, ids.tags, ids.tag, ids.targets, ids.simpleTag],
])
const topLevel = new Set<number>([
  ...[ids.seekHead, ids.info, ids.tracks, ids.cluster, ids.cues, ids.timelineEntries],
  ...[ids.attachments, ids.tags],
])
const mayBeEndless = new Set<number>([ids.segment, ids.cluster])

interface Level {
  readonly id: number
  readonly endsAt: number
}

interface Head {
  readonly id: number
  /** Infinity when it is not known. */
  readonly size: number
  readonly bytes: number
}

export const largestLeafBytes = 16 * 1024 * 1024

export function ebmlWalker(largestBytes = largestLeafBytes): Walker {
  const input = inputBytes()
  const levels: Level[] = []
  let problem: string | null = null

  const closeTo = (depth: number, at: number, each: (walked: Walked) => void) => {
    while (levels.length > depth) each({ kind: 'close', id: levels.pop()?.id ?? 0, at })
  }
  const closeEnded = (at: number, each: (walked: Walked) => void) => {
    while (levels.length > 0 && (levels.at(-1)?.endsAt ?? 0) <= at)
      closeTo(levels.length - 1, at, each)
  }
  /** What has no length lasts until something that cannot be in it. */
  const closeEndless = (id: number, at: number, each: (walked: Walked) => void) => {
    const top = levels.at(-1)
    if (top?.endsAt !== Number.POSITIVE_INFINITY) return
    const ends = top.id === ids.cluster ? topLevel.has(id) : false
    if (ends) closeTo(levels.length - 1, at, each)
    if (id === ids.ebml || id === ids.segment) closeTo(0, at, each)
  }
  const problemWith = ({ id, size, bytes }: Head, at: number): string | null => {
    const endsAt = at + bytes + size
    if (size === Number.POSITIVE_INFINITY)
      return mayBeEndless.has(id) ? null : 'an element without a length'
    if (levels.some((level) => endsAt > level.endsAt))
      return 'an element that is longer than what it is in'
    if (!masters.has(id) && size > largestBytes) return 'an element that is too large'
    return levels.length > 16 ? 'elements too deep in one another' : null
  }
  /** One element; false when more has to come first. */
  const step = (each: (walked: Walked) => void): boolean => {
    const at = input.at()
    closeEnded(at, each)
    const head = input.head()
    if (head === 'more') return false
    if (head === 'wrong') {
      problem = 'something that is no element'
      return false
    }
    closeEndless(head.id, at, each)
    problem = problemWith(head, at)
    if (problem) return false
    if (masters.has(head.id)) {
      input.skip(head.bytes)
      levels.push({ id: head.id, endsAt: at + head.bytes + head.size })
      each({ kind: 'open', id: head.id, at })
      return true
    }
    if (!input.has(head.bytes + head.size)) return false
    input.skip(head.bytes)
    each({ kind: 'leaf', id: head.id, at, data: input.take(head.size) })
    return true
  }
  return {
    push(bytes, each) {
      if (problem) return false
      input.add(bytes)
      while (step(each));
      return problem === null
    },
    end(each) {
      const at = input.at()
      closeEnded(at, each)
      if (problem || input.isLeft()) return false
      if (levels.some(({ endsAt }) => endsAt !== Number.POSITIVE_INFINITY)) return false
      closeTo(0, at, each)
      return true
    },
    problem: () => problem,
  }
}

/** The longest head: an id of four bytes and a length of eight. */
const longestHeadBytes = 12

/** What has come and is not used up. Pieces are only joined when enough of them are there. */
function inputBytes() {
  let front: Buffer = Buffer.alloc(0)
  let offset = 0
  let behind: Buffer[] = []
  let behindBytes = 0
  let at = 0

  const join = () => {
    if (behindBytes === 0) return
    const rest = front.subarray(offset)
    front =
      rest.length === 0 && behind[0] && behind.length === 1
        ? behind[0]
        : Buffer.concat([rest, ...behind])
    offset = 0
    behind = []
    behindBytes = 0
  }
  const left = () => front.length - offset + behindBytes
  const has = (bytes: number): boolean => {
    if (front.length - offset >= bytes) return true
    if (left() < bytes) return false
    join()
    return true
  }
  return {
    add(bytes: Uint8Array): void {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      behind.push(piece)
      behindBytes += piece.length
    },
    head(): Head | 'more' | 'wrong' {
      if (front.length - offset < longestHeadBytes) join()
      return headAt(front, offset)
    },
    has,
    skip(bytes: number): void {
      offset += bytes
      at += bytes
    },
    take(bytes: number): Buffer {
      const data = front.subarray(offset, offset + bytes)
      offset += bytes
      at += bytes
      return data
    },
    isLeft: () => left() > 0,
    at: () => at,
  }
}

function headAt(bytes: Buffer, at: number): Head | 'more' | 'wrong' {
  const first = bytes[at]
  if (first === undefined) return 'more'
  const idLength = Math.clz32(first) - 23
  if (idLength > 4) return 'wrong'
  const sizeFirst = bytes[at + idLength]
  if (sizeFirst === undefined) return 'more'
  const sizeLength = Math.clz32(sizeFirst) - 23
  if (sizeLength > 8) return 'wrong'
  if (bytes.length < at + idLength + sizeLength) return 'more'
  let id = 0
  for (let place = 0; place < idLength; place += 1) id = id * 256 + (bytes[at + place] ?? 0)
  let size = sizeFirst & (0xff >> sizeLength)
  let isUnknown = size === 0xff >> sizeLength
  for (let place = 1; place < sizeLength; place += 1) {
    const byte = bytes[at + idLength + place] ?? 0
    isUnknown &&= byte === 0xff
    size = size * 256 + byte
  }
  if (isUnknown) size = Number.POSITIVE_INFINITY
  else if (!Number.isSafeInteger(size)) return 'wrong'
  return { id, size, bytes: idLength + sizeLength }
}

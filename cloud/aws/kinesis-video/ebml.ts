/**
 * Reads EBML as it arrives, in parts of any size. Containers are reported when they begin and their
 * length is not trusted: where an element belongs follows from its id, so an unknown or wrong length
 * does no harm. Every other element is reported when it is complete.
 */

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
  cluster: 0x1f43b675,
  timecode: 0xe7,
  position: 0xa7,
  previousSize: 0xab,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  cues: 0x1c53bb6b,
  chapters: 0x1043a770,
  attachments: 0x1941a469,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  void: 0xec,
  crc32: 0xbf,
} as const

/** A class and not a literal, because there are thousands of them in a second. */
export class EbmlElement {
  readonly id: number
  /** The element as it was in the stream, split as it was; of a container only its head. */
  readonly parts: readonly Buffer[]
  /** Bytes in `parts`. */
  readonly length: number
  /** Null when the length is unknown. */
  readonly declaredBytes: number | null
  readonly #headBytes: number

  constructor({ id, headBytes, contentBytes }: Head, parts: readonly Buffer[], length: number) {
    this.id = id
    this.parts = parts
    this.length = length
    this.declaredBytes = contentBytes
    this.#headBytes = headBytes
  }

  /** The whole element in one piece. */
  get bytes(): Buffer {
    const [first = noBytes] = this.parts
    return this.parts.length > 1 ? Buffer.concat(this.parts) : first
  }

  /** Empty for a container. */
  get content(): Buffer {
    return this.bytes.subarray(this.#headBytes)
  }

  /** The first bytes of the content, without joining the parts. */
  beginning(bytes: number): Buffer {
    const [first = noBytes] = this.parts
    const end = this.#headBytes + bytes
    return (first.length >= end ? first : this.bytes).subarray(this.#headBytes, end)
  }
}

const noBytes = Buffer.alloc(0)

export interface EbmlKinds {
  readonly containers: ReadonlySet<number>
  /** Elements that are reported complete. All others are skipped. */
  readonly wanted: { has(id: number): boolean }
  /** A longer element that is wanted is refused before it is gathered. */
  readonly mostBytes: number
}

export class EbmlFault extends Error {
  override readonly name = 'EbmlFault'
  readonly code: 'no-ebml' | 'too-long' | 'no-end'
  constructor(code: EbmlFault['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A wanted element that is not complete yet. */
interface Open {
  readonly head: Head
  readonly length: number
  left: number
  readonly parts: Buffer[]
}

/** Reports views of what comes in: only what falls between two parts is copied. */
export class EbmlWalker {
  readonly #kinds: EbmlKinds
  /** The start of a head whose rest has not come yet. */
  #carried: Buffer = noBytes
  #skip = 0
  #open: Open | null = null

  constructor(kinds: EbmlKinds) {
    this.#kinds = kinds
  }

  /** Calls `take` for each element that this part of the stream completes. */
  push(part: Uint8Array, take: (element: EbmlElement) => void): void {
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
    let at = 0
    while (at < bytes.length || this.#open?.left === 0) {
      if (this.#open) {
        const open = this.#open
        const fresh = bytes.subarray(at, at + open.left)
        at += fresh.length
        gather(open, fresh)
        if (open.left > 0) return
        this.#open = null
        take(new EbmlElement(open.head, open.parts, open.length))
      } else if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at)
        this.#skip -= skipped
        at += skipped
      } else at = this.#begin(bytes, at, take)
    }
  }

  /** Whether the stream may end here. */
  isBetweenElements(): boolean {
    return this.#carried.length === 0 && this.#skip === 0 && this.#open === null
  }

  /** Reads the head of the next element; returns where reading goes on. */
  #begin(part: Buffer, at: number, take: (element: EbmlElement) => void): number {
    const carried = this.#carried
    const isSplit = carried.length > 0
    const source = isSplit ? Buffer.concat([carried, part.subarray(at, at + longestHead)]) : part
    const from = isSplit ? 0 : at
    const head = headAt(source, from)
    if (head === null) {
      this.#carried = isSplit ? source : Buffer.from(part.subarray(at))
      return part.length
    }
    const { id, headBytes } = head
    const headEnd = at + headBytes - carried.length
    this.#carried = noBytes
    if (this.#kinds.containers.has(id)) {
      take(new EbmlElement(head, [source.subarray(from, from + headBytes)], headBytes))
      return headEnd
    }
    if (!this.#kinds.wanted.has(id)) {
      this.#skip = contentBytesOf(head, Number.MAX_SAFE_INTEGER)
      return headEnd
    }
    const length = headBytes + contentBytesOf(head, this.#kinds.mostBytes)
    this.#open = { head, length, left: length, parts: [] }
    if (!isSplit) return at
    gather(this.#open, source.subarray(0, headBytes))
    return headEnd
  }
}

/** Smaller parts are joined, two of a kind at a time, so that tiny ones take no more memory. */
const smallBytes = 4_096

function gather(open: Open, fresh: Buffer): void {
  const { parts } = open
  open.left -= fresh.length
  if (fresh.length > 0) parts.push(fresh)
  if (fresh.length < smallBytes) joinSmall(parts)
}

function joinSmall(parts: Buffer[]): void {
  for (;;) {
    const before = parts[parts.length - 2]
    const last = parts[parts.length - 1]
    if (!before || !last || before.length > last.length || last.length >= smallBytes) return
    parts.splice(-2, 2, Buffer.concat([before, last]))
  }
}

function contentBytesOf({ contentBytes }: Head, mostBytes: number): number {
  if (contentBytes === null) throw new EbmlFault('no-end', 'An element has no length.')
  if (contentBytes > mostBytes) throw new EbmlFault('too-long', 'An element is too long.')
  return contentBytes
}

// ---------------------------------------------------------------- ids and lengths

interface Head {
  readonly id: number
  /** Null when it is unknown. */
  readonly contentBytes: number | null
  /** Of the id and the length themselves. */
  readonly headBytes: number
}

const longestId = 4
const longestLength = 8
const longestHead = longestId + longestLength

/** Null when it is not complete yet. */
function headAt(bytes: Buffer, at: number): Head | null {
  const idBytes = widthAt(bytes, at, longestId)
  if (idBytes === null) return null
  const lengthBytes = widthAt(bytes, at + idBytes, longestLength)
  if (lengthBytes === null) return null
  const headBytes = idBytes + lengthBytes
  if (at + headBytes > bytes.length) return null
  const id = bytes.readUIntBE(at, idBytes)
  return { id, contentBytes: lengthAt(bytes, at + idBytes, lengthBytes), headBytes }
}

/** The number of leading zero bits says how many bytes there are. */
function widthAt(bytes: Buffer, at: number, longest: number): number | null {
  const first = bytes[at]
  if (first === undefined) return null
  const width = Math.clz32(first) - 23
  if (width > longest) throw new EbmlFault('no-ebml', 'This is not EBML.')
  return at + width > bytes.length ? null : width
}

function lengthAt(bytes: Buffer, at: number, width: number): number | null {
  const marker = 0x80 >> (width - 1)
  let value = (bytes[at] ?? 0) & (marker - 1)
  let isUnknown = value === marker - 1
  for (let next = at + 1; next < at + width; next += 1) {
    const byte = bytes[next] ?? 0
    value = value * 256 + byte
    isUnknown &&= byte === 0xff
  }
  return isUnknown ? null : value
}

// ---------------------------------------------------------------- inside complete elements

/** The elements in the content of a complete one. */
export function elementsIn(bytes: Buffer): readonly EbmlElement[] {
  const found: EbmlElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const head = headAt(bytes, at)
    const length = head && head.headBytes + contentBytesOf(head, bytes.length)
    if (head === null || length === null || at + length > bytes.length) {
      throw new EbmlFault('no-ebml', 'An element ends within another.')
    }
    found.push(new EbmlElement(head, [bytes.subarray(at, at + length)], length))
    at += length
  }
  return found
}

/** The content of the first element with this id. */
export const contentOf = (elements: readonly EbmlElement[], id: number): Buffer | null =>
  elements.find((one) => one.id === id)?.content ?? null

export const numberIn = (content: Uint8Array): number =>
  content.reduce((value, byte) => value * 256 + byte, 0)

const textIn = (content: Buffer): string => content.toString('utf8').replace(/\0+$/, '')

/** Names and values in the content of a Tags element, in their order. */
export const tagsIn = (content: Buffer): (readonly [name: string, value: string])[] =>
  elementsIn(content)
    .filter(({ id }) => id === ids.tag)
    .flatMap((tag) => elementsIn(tag.content).filter(({ id }) => id === ids.simpleTag))
    .map((simple) => {
      const parts = elementsIn(simple.content)
      const textOf = (id: number) => textIn(contentOf(parts, id) ?? noBytes)
      return [textOf(ids.tagName), textOf(ids.tagString)] as const
    })

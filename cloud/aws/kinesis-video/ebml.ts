/**
 * Takes Matroska apart as it arrives, however the bytes were split. What holds other elements is
 * told as it begins and its length is not believed: where a thing belongs follows from what it is,
 * so a length that is unknown or wrong can do no harm. Everything else is told when it is whole.
 */

/** A class and not an object of its own making each time: there are thousands of them in a second. */
export class EbmlElement {
  readonly id: number
  /** As it stood in the stream, and as it was split: of one that holds others only id and length. */
  readonly parts: readonly Uint8Array[]
  readonly length: number
  readonly #headBytes: number

  constructor(id: number, parts: readonly Uint8Array[], headBytes: number, length: number) {
    this.id = id
    this.parts = parts
    this.length = length
    this.#headBytes = headBytes
  }

  /** All of it in one piece. */
  get bytes(): Uint8Array {
    const [first = noBytes] = this.parts
    return this.parts.length > 1 ? Buffer.concat(this.parts) : first
  }

  /** Empty for one that holds others. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.#headBytes)
  }

  /** So many bytes of the content, without putting all of it together. */
  beginning(bytes: number): Uint8Array {
    const [first = noBytes] = this.parts
    const end = this.#headBytes + bytes
    return (first.length >= end ? first : this.bytes).subarray(this.#headBytes, end)
  }
}

const noBytes = Buffer.alloc(0)

export interface EbmlKinds {
  /** Hold other elements. */
  readonly holders: ReadonlySet<number>
  /** Are told whole. What is neither is passed over. */
  readonly wanted: ReadonlySet<number>
  /** Of one element; a longer one that is wanted is refused before it is gathered. */
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

export interface EbmlWalker {
  /** The elements that this part of the stream completes. */
  push(part: Uint8Array): EbmlElement[]
}

/** Hands on what comes in as it is: only what falls between two parts is ever copied. */
export function ebmlWalker(kinds: EbmlKinds): EbmlWalker {
  let carried: Buffer = Buffer.alloc(0)
  let passOver = 0
  let open: Open | null = null

  /** Where in this part the next element begins. */
  const begin = (part: Buffer, at: number, found: EbmlElement[]): number => {
    const split = carried.length > 0 ? Buffer.concat([carried, part.subarray(at, at + 12)]) : null
    const head = split ? headAt(split, 0) : headAt(part, at)
    if (head === null) {
      carried = split ?? Buffer.from(part.subarray(at))
      return part.length
    }
    const { id, headBytes } = head
    const ownBytes = headBytes - carried.length
    carried = noBytes
    if (kinds.holders.has(id)) {
      const bytes = split ? split.subarray(0, headBytes) : part.subarray(at, at + headBytes)
      found.push(new EbmlElement(id, [bytes], headBytes, headBytes))
      return at + ownBytes
    }
    if (!kinds.wanted.has(id)) {
      passOver = lengthOf(head, Number.MAX_SAFE_INTEGER)
      return at + ownBytes
    }
    const length = headBytes + lengthOf(head, kinds.mostBytes)
    open = { id, headBytes, length, left: length, parts: [] }
    if (split) return keep(open, split.subarray(0, headBytes), at + ownBytes)
    return at
  }

  return {
    push(part) {
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
      const found: EbmlElement[] = []
      let at = 0
      while (at < bytes.length || open?.left === 0) {
        if (open) {
          at = keep(open, bytes.subarray(at, at + open.left), at + open.left)
          if (open.left > 0) break
          found.push(new EbmlElement(open.id, open.parts, open.headBytes, open.length))
          open = null
        } else if (passOver > 0) {
          const passed = Math.min(passOver, bytes.length - at)
          passOver -= passed
          at += passed
        } else at = begin(bytes, at, found)
      }
      return found
    },
  }
}

/** One that is wanted and not whole yet. */
interface Open {
  readonly id: number
  readonly headBytes: number
  readonly length: number
  left: number
  readonly parts: Uint8Array[]
}

/** Smaller parts are put together, two of a kind at a time, so that tiny ones take no more room. */
const smallBytes = 4_096

function keep(open: Open, fresh: Uint8Array, next: number): number {
  const { parts } = open
  open.left -= fresh.length
  if (fresh.length > 0) parts.push(fresh)
  if (fresh.length < smallBytes) joinSmall(parts)
  return next
}

function joinSmall(parts: Uint8Array[]): void {
  for (;;) {
    const before = parts[parts.length - 2]
    const last = parts[parts.length - 1]
    if (!before || !last || before.length > last.length || last.length >= smallBytes) return
    parts.splice(-2, 2, Buffer.concat([before, last]))
  }
}

function lengthOf({ length }: Head, mostBytes: number): number {
  if (length === null) throw new EbmlFault('no-end', 'An element does not say how long it is.')
  if (length > mostBytes) throw new EbmlFault('too-long', 'An element is too long.')
  return length
}

// ---------------------------------------------------------------- ids and lengths

interface Head {
  readonly id: number
  /** Null is unknown. */
  readonly length: number | null
  /** Of the id and the length themselves. */
  readonly headBytes: number
}

const longestId = 4
const longestLength = 8

/** Null when it is not all there yet. */
function headAt(bytes: Buffer, at: number): Head | null {
  const idBytes = widthAt(bytes, at, longestId)
  if (idBytes === null) return null
  const lengthBytes = widthAt(bytes, at + idBytes, longestLength)
  if (lengthBytes === null) return null
  const headBytes = idBytes + lengthBytes
  if (at + headBytes > bytes.length) return null
  const id = bytes.readUIntBE(at, idBytes)
  return { id, length: lengthAt(bytes, at + idBytes, lengthBytes), headBytes }
}

/** The number of zeros before the first one tells how many bytes there are. */
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

// ---------------------------------------------------------------- what is small and whole

/** What is in an element that is there as a whole. */
export function elementsIn(content: Uint8Array): readonly EbmlElement[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const found: EbmlElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const head = headAt(bytes, at)
    const length = head && head.headBytes + lengthOf(head, bytes.length)
    if (head === null || length === null || at + length > bytes.length) {
      throw new EbmlFault('no-ebml', 'An element ends within another.')
    }
    found.push(new EbmlElement(head.id, [bytes.subarray(at, at + length)], head.headBytes, length))
    at += length
  }
  return found
}

export const numberIn = (content: Uint8Array): number =>
  content.reduce((value, byte) => value * 256 + byte, 0)

export const textIn = (content: Uint8Array): string =>
  Buffer.from(content).toString('utf8').replace(/\0+$/, '')

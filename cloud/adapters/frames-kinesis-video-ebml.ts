/**
 * Takes Matroska apart as it arrives, however the bytes were split. What holds other elements is
 * told as it begins and its length is not believed: where a thing belongs follows from what it is,
 * so a length that is unknown or wrong can do no harm. Everything else is told when it is whole.
 */

export interface EbmlElement {
  readonly id: number
  /** As it stood in the stream: of one that holds others only its id and length. */
  readonly bytes: Uint8Array
  /** Empty for one that holds others. */
  readonly content: Uint8Array
}

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

export function ebmlWalker(kinds: EbmlKinds): EbmlWalker {
  let parts: Uint8Array[] = []
  let have = 0
  let need = 1
  let passOver = 0

  const keep = (rest: Uint8Array, atLeast: number): void => {
    parts = rest.length > 0 ? [rest] : []
    have = rest.length
    need = atLeast
  }

  return {
    push(part) {
      const fresh = part.subarray(Math.min(passOver, part.length))
      passOver -= part.length - fresh.length
      parts.push(fresh)
      have += fresh.length
      // Only what completes something is put together, so tiny parts cost no more than large ones.
      if (have < need) return []
      const walked = walk(Buffer.concat(parts, have), kinds)
      keep(walked.rest, walked.need)
      passOver = walked.passOver
      return walked.found
    },
  }
}

interface Walked {
  readonly found: EbmlElement[]
  readonly rest: Uint8Array
  /** How long the rest has to be before it is worth looking again. */
  readonly need: number
  /** How much of what comes next belongs to something that nobody wants. */
  readonly passOver: number
}

function walk(bytes: Buffer, kinds: EbmlKinds): Walked {
  const found: EbmlElement[] = []
  let at = 0
  while (at < bytes.length) {
    const head = headAt(bytes, at)
    if (head === null)
      return { found, rest: bytes.subarray(at), need: bytes.length - at + 1, passOver: 0 }
    const { id, contentAt } = head
    if (kinds.holders.has(id)) {
      found.push({ id, bytes: bytes.subarray(at, contentAt), content: nothing })
      at = contentAt
      continue
    }
    const isWanted = kinds.wanted.has(id)
    const end = contentAt + lengthOf(head, isWanted ? kinds.mostBytes : Number.MAX_SAFE_INTEGER)
    if (end > bytes.length) return unfinished({ found, bytes, at, end, isWanted })
    if (isWanted) {
      found.push({ id, bytes: bytes.subarray(at, end), content: bytes.subarray(contentAt, end) })
    }
    at = end
  }
  return { found, rest: nothing, need: 1, passOver: 0 }
}

const nothing: Uint8Array = new Uint8Array(0)

function unfinished({
  found,
  bytes,
  at,
  end,
  isWanted,
}: {
  readonly found: EbmlElement[]
  readonly bytes: Buffer
  readonly at: number
  readonly end: number
  readonly isWanted: boolean
}): Walked {
  if (isWanted) return { found, rest: bytes.subarray(at), need: end - at, passOver: 0 }
  return { found, rest: nothing, need: 1, passOver: end - bytes.length }
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
  readonly contentAt: number
}

const longestId = 4
const longestLength = 8

/** Null when it is not all there yet. */
function headAt(bytes: Buffer, at: number): Head | null {
  const idBytes = widthAt(bytes, at, longestId)
  if (idBytes === null) return null
  const lengthBytes = widthAt(bytes, at + idBytes, longestLength)
  if (lengthBytes === null) return null
  const contentAt = at + idBytes + lengthBytes
  if (contentAt > bytes.length) return null
  const id = bytes.readUIntBE(at, idBytes)
  return { id, length: lengthAt(bytes, at + idBytes, lengthBytes), contentAt }
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
  for (const byte of bytes.subarray(at + 1, at + width)) {
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
    const end = head && head.contentAt + lengthOf(head, bytes.length)
    if (head === null || end === null || end > bytes.length) {
      throw new EbmlFault('no-ebml', 'An element ends within another.')
    }
    found.push({
      ...{ id: head.id, bytes: bytes.subarray(at, end) },
      content: bytes.subarray(head.contentAt, end),
    })
    at = end
  }
  return found
}

export const numberIn = (content: Uint8Array): number =>
  content.reduce((value, byte) => value * 256 + byte, 0)

export const textIn = (content: Uint8Array): string =>
  Buffer.from(content).toString('utf8').replace(/\0+$/, '')

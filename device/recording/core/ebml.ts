/** Writes EBML elements: an id, a length, and the content. */

/** With their marker bits, as they are in the file. */
export const elementIds = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  segmentUid: 0x73a4,
  timecodeScale: 0x2ad7b1,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43b675,
  timecode: 0xe7,
  simpleBlock: 0xa3,
  tags: 0x1254c367,
  tag: 0x7373,
  targets: 0x63c0,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
} as const

/** A container of unknown length ends with the first element that cannot be in it. */
const unknownSize = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])

export const element = (id: number, ...content: readonly Uint8Array[]): Buffer => {
  const bytes = content.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([bigEndian(id), sizeBytes(bytes), ...content])
}

export const openElement = (id: number, ...content: readonly Uint8Array[]): Buffer =>
  Buffer.concat([bigEndian(id), unknownSize, ...content])

export const unsigned = (id: number, value: number): Buffer => element(id, bigEndian(value))

export const text = (id: number, value: string): Buffer => element(id, Buffer.from(value, 'utf8'))

/** The number of bytes of a length. All ones is reserved for "unknown". */
export function sizeLength(bytes: number): number {
  let length = 1
  while (bytes >= 2 ** (7 * length) - 1) length += 1
  return length
}

export function writeSize(into: Buffer, at: number, bytes: number): number {
  const length = sizeLength(bytes)
  let rest = bytes
  for (let place = at + length - 1; place >= at; place -= 1) {
    into[place] = rest % 256
    rest = Math.floor(rest / 256)
  }
  into[at] = (into[at] ?? 0) | (0x100 >> length)
  return at + length
}

function sizeBytes(bytes: number): Buffer {
  const into = Buffer.alloc(sizeLength(bytes))
  writeSize(into, 0, bytes)
  return into
}

function bigEndian(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from(bytes.length > 0 ? bytes : [0])
}

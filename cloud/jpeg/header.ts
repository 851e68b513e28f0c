/** Reads a JPEG's header without decoding it, and refuses what would take too much time or memory. */
import type { Size } from '../visits/core/sighting.ts'

export interface JpegHeader {
  /** Before the rotation. */
  readonly stored: Size
  /** Exif's number for it, from 1 to 8. */
  readonly orientation: number
}

/** Enough for a phone's photo. Decoding it takes about half a gigabyte. */
const mostPixels = 25_000_000
/** A progressive photo has about ten. Each scan is a pass over the whole picture. */
const mostScans = 40

const startOfScan = 0xda
/** Baseline, extended and progressive, which the decoder supports. */
const frames = [0xc0, 0xc1, 0xc2]
const exif = 0xe1

export function readHeader(jpeg: Uint8Array): JpegHeader | null {
  let stored: Size | null = null
  let orientation = 1
  for (const { marker, body } of segments(jpeg)) {
    if (marker === exif) orientation = orientationIn(body) ?? orientation
    if (frames.includes(marker)) stored = sizeIn(body)
    if (marker === startOfScan) {
      return stored && scansIn(jpeg) <= mostScans ? { stored, orientation } : null
    }
  }
  return null
}

/** All segments up to the first scan. Stops at a malformed one. */
function* segments(jpeg: Uint8Array): Generator<{ marker: number; body: Uint8Array }> {
  if (number16(jpeg, 0) !== 0xffd8) return
  let at = 2
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] ?? 0
    const end = at + 2 + number16(jpeg, at + 2)
    if (marker === 0xff) at += 1
    else if (end < at + 4 || end > jpeg.length) return
    else {
      yield { marker, body: jpeg.subarray(at + 4, end) }
      at = end
    }
  }
}

function sizeIn(frame: Uint8Array): Size | null {
  const [precision, heightPx, widthPx] = [frame[0], number16(frame, 1), number16(frame, 3)]
  // Grey or colour, but not CMYK.
  const readable = precision === 8 && (frame[5] === 1 || frame[5] === 3)
  const pixels = widthPx * heightPx
  return readable && pixels > 0 && pixels <= mostPixels ? { widthPx, heightPx } : null
}

/** Within pixel data a zero byte follows every 255, so this finds only real scans. */
function scansIn(jpeg: Uint8Array): number {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  const mark = Buffer.from([0xff, startOfScan])
  let scans = 0
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 2)) scans += 1
  return scans
}

// ---------------------------------------------------------------- Exif

const orientationTag = 0x0112
const bytesOfEntry = 12

/** Exif is a TIFF structure in either byte order. */
function orientationIn(body: Uint8Array): number | null {
  if (Buffer.from(body.subarray(0, 6)).toString('latin1') !== 'Exif\0\0') return null
  const tiff = body.subarray(6)
  const littleEnd = number16(tiff, 0) === 0x4949
  const read16 = (at: number) => number16(tiff, at, littleEnd)
  const directory = littleEnd ? read16(4) : read16(6)
  for (let entry = 0; entry < read16(directory); entry += 1) {
    const at = directory + 2 + entry * bytesOfEntry
    if (at + bytesOfEntry > tiff.length) return null
    const value = read16(at + 8)
    if (read16(at) === orientationTag) return value >= 1 && value <= 8 ? value : null
  }
  return null
}

/** Zero beyond the end. */
function number16(bytes: Uint8Array, at: number, littleEnd = false): number {
  const [first = 0, second = 0] = bytes.subarray(at, at + 2)
  return littleEnd ? first + second * 256 : first * 256 + second
}

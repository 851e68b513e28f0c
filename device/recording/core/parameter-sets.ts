/** Reads the parameter sets of an H.264 stream, and writes the avcC record for Matroska. */
import type { VideoTrack } from './matroska.ts'

/** Profiles with additional fields in the parameter set, and with such fields in the record. */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
const recordedHighProfiles = new Set([100, 110, 122, 144])

/** `null` when the sequence parameter set cannot be read. */
export function trackOf(sps: Uint8Array, pps: Uint8Array): VideoTrack | null {
  const picture = pictureOf(sps)
  if (!picture || pps.length === 0) return null
  return { avcC: avcCOf(sps, pps, picture), width: picture.width, height: picture.height }
}

const fourByteLengths = 0xff
const oneSps = 0xe1

function avcCOf(sps: Uint8Array, pps: Uint8Array, picture: Picture): Buffer {
  const [, profile = 0, compatibility = 0, level = 0] = sps
  const more = recordedHighProfiles.has(profile)
    ? [0xfc | picture.chroma, 0xf8 | picture.lumaBits, 0xf8 | picture.chromaBits, 0]
    : []
  return Buffer.concat([
    Buffer.from([1, profile, compatibility, level, fourByteLengths, oneSps]),
    lengthOf(sps),
    sps,
    Buffer.from([1]),
    lengthOf(pps),
    pps,
    Buffer.from(more),
  ])
}

const lengthOf = (nal: Uint8Array): Buffer => Buffer.from([nal.length >> 8, nal.length & 0xff])

interface Picture {
  readonly width: number
  readonly height: number
  readonly chroma: number
  /** Bits per sample above eight. */
  readonly lumaBits: number
  readonly chromaBits: number
}

const macroblockPixels = 16
/** Larger than any camera; a corrupt set may contain any number. */
const largestSidePixels = 16_384

function pictureOf(sps: Uint8Array): Picture | null {
  const profile = sps[1] ?? 0
  if (sps.length < 5 || sps.length > 0xffff) return null
  const bits = bitReader(withoutEmulation(sps.subarray(4)))
  bits.ue() // id
  const depth = highProfiles.has(profile)
    ? readDepth(bits)
    : { chroma: 1, lumaBits: 0, chromaBits: 0 }
  bits.ue() // frame number length
  skipPictureOrder(bits)
  bits.ue() // reference frames
  bits.u(1)
  const columns = bits.ue() + 1
  const rows = bits.ue() + 1
  const fields = 2 - bits.u(1)
  if (fields === 2) bits.u(1)
  bits.u(1)
  const crop = bits.u(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0]
  const [left = 0, right = 0, top = 0, bottom = 0] = crop
  const unitX = depth.chroma === 1 || depth.chroma === 2 ? 2 : 1
  const unitY = (depth.chroma === 1 ? 2 : 1) * fields
  const width = columns * macroblockPixels - (left + right) * unitX
  const height = rows * fields * macroblockPixels - (top + bottom) * unitY
  const isPicture = [width, height].every((side) => side > 0 && side <= largestSidePixels)
  return isPicture && !bits.ranOut() ? { width, height, ...depth } : null
}

function readDepth(bits: BitReader): Omit<Picture, 'width' | 'height'> {
  const chroma = bits.ue()
  if (chroma === 3) bits.u(1)
  const lumaBits = bits.ue()
  const chromaBits = bits.ue()
  bits.u(1)
  if (bits.u(1) === 1) skipScalingLists(bits, chroma === 3 ? 12 : 8)
  return { chroma: chroma & 3, lumaBits: lumaBits & 7, chromaBits: chromaBits & 7 }
}

function skipScalingLists(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list += 1) {
    if (bits.u(1) === 0) continue
    let [last, next] = [8, 8]
    for (let entry = 0; entry < (list < 6 ? 16 : 64); entry += 1) {
      if (next !== 0) next = (last + bits.se() + 256) % 256
      if (next !== 0) last = next
    }
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.ue()
  if (type === 0) bits.ue()
  if (type !== 1) return
  bits.u(1)
  bits.se()
  bits.se()
  // A corrupt count must not cause a long loop; the standard's maximum is 255.
  const cycle = Math.min(bits.ue(), 255)
  for (let at = 0; at < cycle; at += 1) bits.se()
}

/** A 3 after two zeros only prevents an accidental start code. */
function withoutEmulation(bytes: Uint8Array): number[] {
  const result: number[] = []
  for (const [at, byte] of bytes.entries()) {
    if (byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0) continue
    result.push(byte)
  }
  return result
}

interface BitReader {
  u(bits: number): number
  ue(): number
  se(): number
  ranOut(): boolean
}

function bitReader(bytes: readonly number[]): BitReader {
  let at = 0
  const bit = () => {
    const value = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
    at += 1
    return value
  }
  const u = (bits: number) => {
    let value = 0
    for (let left = bits; left > 0; left -= 1) value = value * 2 + bit()
    return value
  }
  const ue = () => {
    let zeros = 0
    while (zeros < 32 && bit() === 0) zeros += 1
    return 2 ** zeros - 1 + u(zeros)
  }
  return {
    u,
    ue,
    se: () => {
      const value = ue()
      return value % 2 === 1 ? (value + 1) / 2 : -value / 2
    },
    ranOut: () => at > bytes.length * 8,
  }
}

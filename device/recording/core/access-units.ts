/**
 * Splits the byte stream of an H.264 encoder into access units, which are frames. A frame may have
 * several slices, so it ends where the first slice or the header of the next one begins.
 */
import type { VideoTrack } from './matroska.ts'
import { trackOf } from './parameter-sets.ts'

export interface AccessUnit {
  /** Without start codes, delimiters and filler. */
  readonly nals: readonly Uint8Array[]
  readonly isKey: boolean
  /** The same object until the parameter sets change. */
  readonly track: VideoTrack
}

const nalTypes = {
  slice: 1,
  keySlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  delimiter: 9,
  filler: 12,
} as const

/** Larger than any frame of a door camera. */
const largestUnitBytes = 8 * 1024 * 1024

export function accessUnitSplitter(largestBytes = largestUnitBytes) {
  const nals = nalSplitter(largestBytes)
  const units = unitAssembler(largestBytes)
  const unitsOf = (found: readonly Uint8Array[]) => found.flatMap((nal) => units.add(nal) ?? [])
  return {
    push: (bytes: Uint8Array): readonly AccessUnit[] => unitsOf(nals.push(bytes)),
    /** The last frame, when the stream has ended normally. */
    end: (): readonly AccessUnit[] => [...unitsOf(nals.end()), ...(units.finish() ?? [])],
    /** Bytes that belong to no frame, which reveal an encoder that produces garbage. */
    strayBytes: () => nals.strayBytes() + units.strayBytes(),
  }
}

// ---------------------------------------------------------------- NAL units

const startCode = Buffer.from([0, 0, 1])

function nalSplitter(largestBytes: number) {
  let pending: Buffer = Buffer.alloc(0)
  /** Where the current NAL unit starts in `pending`; -1 before the first. */
  let startsAt = -1
  let searchFrom = 0
  let strayBytes = 0

  const takeAll = (): Uint8Array[] => {
    const found: Uint8Array[] = []
    for (;;) {
      const at = pending.indexOf(startCode, searchFrom)
      if (at < 0) break
      if (startsAt < 0) strayBytes += countStray(pending, at)
      else found.push(withoutTrailingZeros(pending.subarray(startsAt, at)))
      startsAt = at + startCode.length
      searchFrom = startsAt
    }
    // The end of the input may split a start code.
    searchFrom = Math.max(startsAt, pending.length - startCode.length + 1, 0)
    return found
  }
  const forget = () => {
    const keepFrom = startsAt < 0 ? searchFrom : startsAt
    if (startsAt < 0) strayBytes += keepFrom
    pending = pending.subarray(keepFrom)
    searchFrom -= keepFrom
    startsAt = startsAt < 0 ? -1 : 0
    if (pending.length <= largestBytes) return
    strayBytes += pending.length
    pending = Buffer.alloc(0)
    startsAt = -1
    searchFrom = 0
  }
  return {
    push(bytes: Uint8Array): Uint8Array[] {
      pending = pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([pending, bytes])
      const found = takeAll()
      forget()
      return found
    },
    end(): Uint8Array[] {
      const last = startsAt < 0 ? [] : [withoutTrailingZeros(pending.subarray(startsAt))]
      pending = Buffer.alloc(0)
      startsAt = -1
      searchFrom = 0
      return last
    },
    strayBytes: () => strayBytes,
  }
}

/** Zeros before a start code are allowed. */
const countStray = (bytes: Uint8Array, end: number): number =>
  withoutTrailingZeros(bytes.subarray(0, end)).length

function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return bytes.subarray(0, end)
}

// ---------------------------------------------------------------- frames

const typeOf = (nal: Uint8Array): number => (nal[0] ?? 0) & 0x1f

const isPicture = (type: number): boolean => type === nalTypes.slice || type === nalTypes.keySlice

/** `first_mb_in_slice` is 0, which is encoded as a single 1 bit. */
const isFirstSlice = (nal: Uint8Array): boolean => ((nal[1] ?? 0) & 0x80) !== 0

const headTypes = new Set<number>([nalTypes.sei, nalTypes.sps, nalTypes.pps, nalTypes.delimiter])
const leftOut = new Set<number>([nalTypes.delimiter, nalTypes.filler])

function unitAssembler(largestBytes: number) {
  const sets = parameterSets()
  let nals: Uint8Array[] = []
  let bytes = 0
  let hasPicture = false
  let isKey = false
  let strayBytes = 0

  const finish = (): AccessUnit[] => {
    const track = sets.track()
    const fits = hasPicture && track !== null && bytes <= largestBytes
    const unit = fits ? [{ nals, isKey, track }] : []
    if (!fits) strayBytes += bytes
    nals = []
    bytes = 0
    hasPicture = false
    isKey = false
    return unit
  }
  return {
    add(nal: Uint8Array): AccessUnit[] | null {
      const type = typeOf(nal)
      const begins = headTypes.has(type) || (isPicture(type) && isFirstSlice(nal))
      const done = hasPicture && begins ? finish() : null
      if (type === nalTypes.sps || type === nalTypes.pps) sets.take(type, nal)
      if (leftOut.has(type) || nal.length === 0) return done
      if (!isPicture(type) && !headTypes.has(type)) strayBytes += nal.length
      else if (bytes <= largestBytes) nals.push(nal)
      bytes += nal.length
      hasPicture ||= isPicture(type)
      isKey ||= type === nalTypes.keySlice
      return done
    },
    finish,
    strayBytes: () => strayBytes,
  }
}

/** Parses the track only when a parameter set has changed. */
function parameterSets() {
  let sps: Buffer = Buffer.alloc(0)
  let pps: Buffer = Buffer.alloc(0)
  let track: VideoTrack | null = null
  return {
    take(type: number, nal: Uint8Array): void {
      const held = type === nalTypes.sps ? sps : pps
      if (held.equals(nal)) return
      if (type === nalTypes.sps) sps = Buffer.from(nal)
      else pps = Buffer.from(nal)
      track = trackOf(sps, pps)
    },
    track: () => track,
  }
}

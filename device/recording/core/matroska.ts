/**
 * Writes Matroska as Kinesis Video expects it: one segment, and one cluster per fragment. Both have
 * an unknown length, so that every frame can be sent at once, and there is no index.
 */
import {
  element,
  elementIds as ids,
  openElement,
  sizeLength,
  text,
  unsigned,
  writeSize,
} from './ebml.ts'

export interface VideoTrack {
  /** An AVCDecoderConfigurationRecord. */
  readonly avcC: Buffer
  readonly width: number
  readonly height: number
}

/** Whether frames of both may be in one stream. */
export const isSameTrack = (one: VideoTrack, other: VideoTrack): boolean =>
  one === other ||
  (one.avcC.equals(other.avcC) && one.width === other.width && one.height === other.height)

export type FragmentTags = Readonly<Record<string, string>>

/** Of the service. */
const tagLimits = { perFragment: 10, nameBytes: 128, valueBytes: 256 } as const

const application = 'smart-door'
const nanosecondsPerTick = 1_000_000
const videoTrackType = 1
const trackNumber = 1

/** Starts every connection. */
export function matroskaHeader(track: VideoTrack, segmentUid: Uint8Array): Buffer {
  return Buffer.concat([
    element(
      ids.ebml,
      unsigned(ids.ebmlVersion, 1),
      unsigned(ids.ebmlReadVersion, 1),
      unsigned(ids.ebmlMaxIdLength, 4),
      unsigned(ids.ebmlMaxSizeLength, 8),
      text(ids.docType, 'matroska'),
      unsigned(ids.docTypeVersion, 2),
      unsigned(ids.docTypeReadVersion, 2),
    ),
    openElement(ids.segment, segmentInfo(segmentUid), element(ids.tracks, trackEntry(track))),
  ])
}

const segmentInfo = (segmentUid: Uint8Array): Buffer =>
  element(
    ids.info,
    element(ids.segmentUid, segmentUid),
    unsigned(ids.timecodeScale, nanosecondsPerTick),
    text(ids.muxingApp, application),
    text(ids.writingApp, application),
  )

const trackEntry = ({ avcC, width, height }: VideoTrack): Buffer =>
  element(
    ids.trackEntry,
    unsigned(ids.trackNumber, trackNumber),
    unsigned(ids.trackUid, 1),
    unsigned(ids.trackType, videoTrackType),
    unsigned(ids.flagLacing, 0),
    text(ids.codecId, 'V_MPEG4/ISO/AVC'),
    element(ids.codecPrivate, avcC),
    element(ids.video, unsigned(ids.pixelWidth, width), unsigned(ids.pixelHeight, height)),
  )

/** Starts a fragment; `timecodeMs` is a Unix time. */
export const clusterStart = (timecodeMs: number): Buffer =>
  openElement(ids.cluster, unsigned(ids.timecode, timecodeMs))

/** A time within a cluster is a signed 16-bit number. */
export const longestOffsetMs = 0x7fff

const keyFrameFlag = 0x80
/** Track number, time and flags. */
const blockHeadBytes = 4
const nalLengthBytes = 4

/**
 * One frame, in consecutive parts: no picture data is copied. They are views of larger buffers, so
 * they must be copied to be stored.
 */
export function simpleBlockParts(
  nals: readonly Uint8Array[],
  offsetMs: number,
  isKey: boolean,
): Uint8Array[] {
  let bodyBytes = blockHeadBytes
  for (const nal of nals) bodyBytes += nalLengthBytes + nal.length
  const headBytes = 1 + sizeLength(bodyBytes) + blockHeadBytes
  const own = Buffer.allocUnsafe(headBytes + nals.length * nalLengthBytes)
  own[0] = ids.simpleBlock
  const at = writeSize(own, 1, bodyBytes)
  own[at] = 0x80 | trackNumber
  own.writeInt16BE(offsetMs, at + 1)
  own[at + 3] = isKey ? keyFrameFlag : 0
  const parts: Uint8Array[] = []
  let from = 0
  let to = headBytes
  for (const nal of nals) {
    own.writeUInt32BE(nal.length, to)
    to += nalLengthBytes
    // The first length goes with the head.
    parts.push(own.subarray(from, to), nal)
    from = to
  }
  return parts
}

/**
 * Goes after the cluster it describes: Kinesis Video assigns tags to the fragment before them.
 * `null` without tags.
 */
export function fragmentTags(tags: FragmentTags): Buffer | null {
  const pairs = Object.entries(tags)
  if (pairs.length === 0) return null
  const simple = pairs.map(([name, value]) =>
    element(ids.simpleTag, text(ids.tagName, name), text(ids.tagString, value)),
  )
  return element(ids.tags, element(ids.tag, element(ids.targets), ...simple))
}

/** Names that begin with AWS are reserved; a producer may use only these. */
const allowedNames = new Set(['AWS_KINESISVIDEO_IMAGE_GENERATION', 'AWS_KINESISVIDEO_NOTIFICATION'])

export function problemWithTags(tags: FragmentTags): string | null {
  const pairs = Object.entries(tags)
  if (pairs.length > tagLimits.perFragment) return 'A fragment can have ten tags.'
  for (const [name, value] of pairs) {
    const nameBytes = Buffer.byteLength(name)
    if (nameBytes === 0 || nameBytes > tagLimits.nameBytes)
      return 'A tag name is empty or too long.'
    if (Buffer.byteLength(value) > tagLimits.valueBytes) return 'A tag value is too long.'
    if (name.startsWith('AWS') && !allowedNames.has(name)) return 'A tag has a reserved name.'
  }
  return null
}

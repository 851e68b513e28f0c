/** A sighting: the faces in one snapshot and their matches, whichever source it came from. */

import type { DoorRef } from '../../doors/core/door-ref.ts'

/** A JPEG by its key and hash. The hash detects that it was replaced. */
export interface Picture {
  readonly key: string
  readonly sha256: string
}

export interface Sighting {
  readonly household: string
  readonly doorId: string
  readonly visitId: string
  readonly visitNumber: number | null
  /** Key of the snapshot. The same snapshot delivered twice is one sighting. */
  readonly snapshot: string
  readonly takenAtMs: number
  readonly faces: readonly SeenFace[]
  /** How many pictures the service refused. Who was in them is not known. */
  readonly refused: number
}

export interface SeenFace {
  readonly face: Picture
  readonly jpeg: Uint8Array
  readonly best: FaceMatch | null
}

export interface FaceMatch {
  readonly owner: FaceOwner
  readonly similarity: number
}

export type FaceOwner =
  | { readonly kind: 'visitor'; readonly visitorId: string }
  /** A person the owner does not want to be asked about again. */
  | { readonly kind: 'blocked'; readonly blockId: string }

export interface Recognition {
  /** From here on a match identifies a visitor. Below it is only a resemblance. */
  readonly sureSimilarity: number
  /** Weaker matches are ignored. */
  readonly leastSimilarity: number
}

export const shippedRecognition: Recognition = { sureSimilarity: 99, leastSimilarity: 80 }

/** A person may be in the collection both as a visitor and as blocked. Then blocked counts. */
export function bestMatch(
  matches: readonly FaceMatch[],
  { sureSimilarity }: Recognition,
): FaceMatch | null {
  const bestFirst = matches.toSorted((one, other) => other.similarity - one.similarity)
  const blocked = bestFirst.find(
    ({ owner, similarity }) => owner.kind === 'blocked' && similarity >= sureSimilarity,
  )
  return blocked ?? bestFirst[0] ?? null
}

/** A face's name in the collection of its household. */
export const faceName = (owner: FaceOwner): string =>
  owner.kind === 'visitor' ? `visitor-${owner.visitorId}` : `blocked-${owner.blockId}`

/** Null for a name that this system did not give. */
export function faceOwner(name: string): FaceOwner | null {
  const [, kind, id = ''] = /^(visitor|blocked)-([0-9a-f]{32})$/.exec(name) ?? []
  if (kind === 'visitor') return { kind, visitorId: id }
  return kind === 'blocked' ? { kind, blockId: id } : null
}

/** The id of a block begins with its time, so that it can expire without a record of its own. */
export const blockIdAt = (atMs: number, random: string): string =>
  atMs.toString(16).padStart(12, '0') + random.slice(0, 20)

export const blockedAtMs = (blockId: string): number => Number.parseInt(blockId.slice(0, 12), 16)

/** What a stream processor found in one frame of a door's video. */
export interface FrameRecord extends DoorRef {
  readonly fragmentNumber: string
  readonly producerAtMs: number
  readonly offsetMs: number
  readonly faces: readonly {
    readonly found: FoundFace
    readonly matches: readonly FaceMatch[]
  }[]
}

// ---------------------------------------------------------------- time

/** After that the person has left, or the snapshot was handled before. */
export const freshSnapshotMs = 120_000
/** How far a door's clock may be ahead. */
const clockToleranceMs = 60_000

/** A snapshot from the future is refused, because it would stay fresh for too long. */
export const isTimely = (takenAtMs: number, nowMs: number): boolean =>
  nowMs - takenAtMs <= freshSnapshotMs && takenAtMs - nowMs <= clockToleranceMs

// ---------------------------------------------------------------- which faces are searched

export interface FoundFace {
  readonly box: Box
  readonly confidence: number
  readonly sharpness: number
  readonly brightness: number
}

/** As fractions of the picture's width and height. */
interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly widthPx: number
  readonly heightPx: number
}

const leastFacePx = 40
/** Rekognition refuses pictures with a shorter side. */
const leastPicturePx = 80
const leastConfidence = 90
const leastSharpness = 20
const leastBrightness = 20

/** Why a face is not worth a search, or null when it is. */
export function faceFlaw(found: FoundFace, { widthPx, heightPx }: Size): string | null {
  const { box, confidence, sharpness, brightness } = found
  if (Math.min(widthPx, heightPx) < leastPicturePx) return 'picture too small'
  if (confidence < leastConfidence) return 'not surely a face'
  if (box.width * widthPx < leastFacePx || box.height * heightPx < leastFacePx) return 'too small'
  if (sharpness < leastSharpness) return 'too blurred'
  if (brightness < leastBrightness) return 'too dark'
  return null
}

/** Added on each side, as a fraction of the face. */
const margin = 0.25

export interface Crop extends Size {
  readonly leftPx: number
  readonly topPx: number
}

/** The face and its margin, in whole pixels within the picture, and never too small to search. */
export function cropOf({ box }: FoundFace, { widthPx, heightPx }: Size): Crop {
  const across = span(box.left, box.width, widthPx)
  const down = span(box.top, box.height, heightPx)
  const [leftPx, topPx] = [across.fromPx, down.fromPx]
  return { leftPx, topPx, widthPx: across.lengthPx, heightPx: down.lengthPx }
}

function span(from: number, length: number, ofPx: number) {
  const beginPx = Math.max(0, Math.floor((from - length * margin) * ofPx))
  const endPx = Math.min(ofPx, Math.ceil((from + length * (1 + margin)) * ofPx))
  const lengthPx = Math.min(ofPx, Math.max(leastPicturePx, endPx - beginPx))
  const growPx = lengthPx - (endPx - beginPx)
  const fromPx = Math.min(ofPx - lengthPx, Math.max(0, beginPx - Math.floor(growPx / 2)))
  return { fromPx, lengthPx }
}

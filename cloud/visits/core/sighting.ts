/** Who was seen in one picture, whichever way the picture came. */

/** A picture by where it lies and what it is, so that nobody decides about another one. */
export interface Picture {
  readonly key: string
  readonly sha256: string
}

export interface Sighting {
  readonly household: string
  readonly doorId: string
  readonly visitId: string
  readonly visitNumber: number | null
  /** The still's own name: the same still delivered twice is one sighting. */
  readonly snapshot: string
  readonly takenAtMs: number
  readonly faces: readonly SeenFace[]
}

export interface SeenFace {
  readonly face: Picture
  readonly jpeg: Uint8Array
  readonly best: FaceMatch | null
}

/** What a collection says about a face. `owner` is what it was put in under. */
export interface FaceMatch {
  readonly owner: FaceOwner
  readonly similarity: number
}

export type FaceOwner =
  | { readonly kind: 'visitor'; readonly visitorId: string }
  /** Somebody the owner does not want to be asked about again. */
  | { readonly kind: 'blocked'; readonly blockId: string }

/**
 * Whom a face counts as. Somebody whom the owner does not want comes before anybody who is welcome,
 * for the same person may well lie in the collection as both.
 */
export function bestMatch(
  matches: readonly FaceMatch[],
  { sureSimilarity }: Recognition,
): FaceMatch | null {
  const likest = matches.toSorted((one, other) => other.similarity - one.similarity)
  const unwanted = likest.find(
    ({ owner, similarity }) => owner.kind === 'blocked' && similarity >= sureSimilarity,
  )
  return unwanted ?? likest[0] ?? null
}

/** Under which name a face lies in its household's collection. */
export const faceName = (owner: FaceOwner): string =>
  owner.kind === 'visitor' ? `visitor-${owner.visitorId}` : `blocked-${owner.blockId}`

export function faceOwner(name: string): FaceOwner | null {
  const [kind, id = ''] = name.split('-')
  if (!/^[0-9a-f]{32}$/.test(id)) return null
  if (kind === 'visitor') return { kind, visitorId: id }
  return kind === 'blocked' ? { kind, blockId: id } : null
}

/** A block's id begins with when it was made, so that it can end without being kept anywhere else. */
export const blockIdAt = (atMs: number, random: string): string =>
  atMs.toString(16).padStart(12, '0') + random.slice(0, 20)

export const blockedAtMs = (blockId: string): number => Number.parseInt(blockId.slice(0, 12), 16)

export interface FoundFace {
  readonly box: Box
  readonly confidence: number
  readonly sharpness: number
  readonly brightness: number
}

/** As parts of the picture's width and height. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly widthPx: number
  readonly heightPx: number
}

export interface Recognition {
  /** A match at least this sure names a visitor; a weaker one is only a resemblance. */
  readonly sureSimilarity: number
  /** Below this the collection is not believed to have said anything. */
  readonly leastSimilarity: number
}

export const shippedRecognition: Recognition = { sureSimilarity: 99, leastSimilarity: 80 }

/** Whoever was there longer ago than this has gone, or has been seen to already. */
export const freshSnapshotMs = 120_000
/** How far a door's clock may be ahead of ours. */
const clocksDifferMs = 60_000

/** A moment that is yet to come would stay fresh for as long as it is. */
export const isTimely = (takenAtMs: number, nowMs: number): boolean =>
  nowMs - takenAtMs <= freshSnapshotMs && takenAtMs - nowMs <= clocksDifferMs

const leastFacePx = 40
const leastConfidence = 90
const leastSharpness = 20
const leastBrightness = 20

/** Why a face is not worth searching for, or null when it is. */
export function faceFlaw(found: FoundFace, { widthPx, heightPx }: Size): string | null {
  const { box, confidence, sharpness, brightness } = found
  if (confidence < leastConfidence) return 'not surely a face'
  if (box.width * widthPx < leastFacePx || box.height * heightPx < leastFacePx) return 'too small'
  if (sharpness < leastSharpness) return 'too blurred'
  if (brightness < leastBrightness) return 'too dark'
  return null
}

const marginAround = 0.25

/** The face and a little around it, whole pixels, within the picture. */
export function cropOf({ box }: FoundFace, { widthPx, heightPx }: Size) {
  const left = Math.max(0, Math.floor((box.left - box.width * marginAround) * widthPx))
  const top = Math.max(0, Math.floor((box.top - box.height * marginAround) * heightPx))
  const right = Math.ceil((box.left + box.width * (1 + marginAround)) * widthPx)
  const bottom = Math.ceil((box.top + box.height * (1 + marginAround)) * heightPx)
  return {
    leftPx: left,
    topPx: top,
    widthPx: Math.min(widthPx, right) - left,
    heightPx: Math.min(heightPx, bottom) - top,
  }
}
export type Crop = ReturnType<typeof cropOf>

/** Crops the faces of a picture that are worth a search, stores them and searches them. */
import type { Uses } from '../ports.ts'
import {
  bestMatch,
  cropOf,
  type FaceMatch,
  type FoundFace,
  faceFlaw,
  type SeenFace,
  type Size,
} from './core/sighting.ts'

interface TakenPicture {
  readonly doorId: string
  readonly visitId: string
  readonly takenAtMs: number
  readonly jpeg: Uint8Array
  readonly size: Size
}

interface SearchableFace {
  readonly found: FoundFace
  readonly search: (crop: Uint8Array) => Promise<readonly FaceMatch[]>
}

export async function seenFaces(
  deps: Uses<'photos' | 'pictures' | 'recognition'>,
  { doorId, visitId, takenAtMs, jpeg, size }: TakenPicture,
  faces: readonly SearchableFace[],
): Promise<SeenFace[]> {
  const seen: SeenFace[] = []
  for (const [at, { found, search }] of faces.entries()) {
    const flaw = faceFlaw(found, size)
    const crop = flaw ? null : deps.pictures.crop(jpeg, cropOf(found, size))
    if (!crop) {
      deps.log.info({ doorId, visitId, takenAtMs, flaw }, 'face not searched')
      continue
    }
    const key = `faces/${doorId}/${visitId}/${takenAtMs}-${at + 1}.jpg`
    const [face, matches] = await Promise.all([deps.photos.write(key, crop), search(crop)])
    seen.push({ face, jpeg: crop, best: bestMatch(matches, deps.recognition) })
  }
  return seen
}

/** Crops the faces of a picture that are worth a search, stores them and searches them. */
import type { Uses } from '../ports.ts'
import {
  bestMatch,
  cropOf,
  type FaceMatch,
  type FoundFace,
  faceFlaw,
  type SeenFace,
  type Sighting,
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
  readonly search: (crop: Uint8Array) => Promise<readonly FaceMatch[] | null>
}

export async function seenFaces(
  deps: Uses<'photos' | 'pictures' | 'recognition'>,
  { doorId, visitId, takenAtMs, jpeg, size }: TakenPicture,
  faces: readonly SearchableFace[],
): Promise<Pick<Sighting, 'faces' | 'refused'>> {
  const seen: SeenFace[] = []
  let refused = 0
  for (const [at, { found, search }] of faces.entries()) {
    const flaw = faceFlaw(found, size)
    const crop = flaw ? null : deps.pictures.crop(jpeg, cropOf(found, size))
    if (!crop) {
      const why = flaw ?? 'picture not decodable'
      deps.log.info({ doorId, visitId, takenAtMs, why }, 'face not searched')
      continue
    }
    const key = `faces/${doorId}/${visitId}/${takenAtMs}-${at + 1}.jpg`
    const [face, matches] = await Promise.all([deps.photos.write(key, crop), search(crop)])
    if (matches) seen.push({ face, jpeg: crop, best: bestMatch(matches, deps.recognition) })
    else {
      refused += 1
      deps.log.warn({ doorId, visitId, takenAtMs }, 'recognition refused a picture')
    }
  }
  return { faces: seen, refused }
}

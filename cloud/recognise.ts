/** From a still to who is in it. A still without a face that is worth searching for is an answer. */
import { type DoorRef, doorRef } from './core/door-ref.ts'
import {
  cropOf,
  type FoundFace,
  faceFlaw,
  type Recognition,
  type SeenFace,
  type Sighting,
  type Size,
} from './core/sighting.ts'
import type { Faces, Log, Photos, Pictures } from './ports.ts'

export interface RecogniseDeps {
  readonly photos: Photos
  readonly pictures: Pictures
  readonly faces: Faces
  readonly recognition: Recognition
  readonly log: Log
}

export interface StillName extends DoorRef {
  readonly visitId: string
  readonly takenAtMs: number
}

/** `stills/<door>/<visit>/<taken at>.jpg`: where a door may put its stills, and nothing else. */
export function parseStillKey(key: string): StillName | null {
  const [, doorId = '', visitId = '', takenAt = ''] =
    /^stills\/([^/]+)\/([0-9a-f]{32})\/([1-9]\d{12})\.jpg$/.exec(key) ?? []
  const door = doorRef(doorId)
  return door && { ...door, visitId, takenAtMs: Number(takenAt) }
}

/** Null when there is nothing to see: no such still, no picture. */
export async function recogniseStill(deps: RecogniseDeps, key: string): Promise<Sighting | null> {
  const name = parseStillKey(key)
  const still = name && (await deps.photos.read(key))
  const size = still && deps.pictures.size(still.bytes)
  if (!still || !size) {
    deps.log.warn({ key }, 'still not usable')
    return null
  }
  const faces = await facesIn(deps, name, still.bytes, size)
  return { ...name, visitNumber: still.visitNumber, still: key, faces }
}

export async function facesIn(
  deps: RecogniseDeps,
  name: StillName,
  jpeg: Uint8Array,
  size: Size,
): Promise<SeenFace[]> {
  const seen: SeenFace[] = []
  for (const [at, found] of (await deps.faces.find(jpeg)).entries()) {
    const flaw = faceFlaw(found, size)
    const { visitId, doorId, takenAtMs } = name
    if (flaw) deps.log.info({ doorId, visitId, takenAtMs, flaw }, 'face not searched')
    else seen.push(await searched(deps, name, at + 1, cut(deps, jpeg, found, size)))
  }
  return seen
}

const cut = ({ pictures }: RecogniseDeps, jpeg: Uint8Array, found: FoundFace, size: Size) =>
  pictures.crop(jpeg, cropOf(found, size))

async function searched(
  deps: RecogniseDeps,
  { household, doorId, visitId, takenAtMs }: StillName,
  nth: number,
  jpeg: Uint8Array,
): Promise<SeenFace> {
  const key = `faces/${doorId}/${visitId}/${takenAtMs}-${nth}.jpg`
  const [face, best] = await Promise.all([
    deps.photos.write(key, jpeg),
    deps.faces.search(household, jpeg, deps.recognition.leastSimilarity),
  ])
  return { face, jpeg, best }
}

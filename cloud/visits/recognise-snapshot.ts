/** The default source of sightings: a snapshot in S3, searched with Rekognition's image calls. */
import { type DoorRef, doorRef } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { type FoundFace, isTimely, type Sighting } from './core/sighting.ts'
import { isDecided } from './core/two-snapshots-rule.ts'
import { seenFaces } from './seen-faces.ts'

export type RecogniseDeps = Uses<
  'visits' | 'household' | 'photos' | 'pictures' | 'faces' | 'recognition'
>

interface SnapshotName extends DoorRef {
  readonly visitId: string
  readonly takenAtMs: number
}

/** `snapshots/<door>/<visit>/<taken at>.jpg`: the only place a door may upload to. */
function parseSnapshotKey(key: string): SnapshotName | null {
  const [, doorId = '', visitId = '', takenAt = ''] =
    /^snapshots\/([^/]+)\/([0-9a-f]{32})\/([1-9]\d{12})\.jpg$/.exec(key) ?? []
  const door = doorRef(doorId)
  return door && { ...door, visitId, takenAtMs: Number(takenAt) }
}

/** Null for a snapshot that is missing, malformed, too old or not needed any more. */
export async function recogniseSnapshot(
  deps: RecogniseDeps,
  key: string,
): Promise<Sighting | null> {
  const name = parseSnapshotKey(key)
  if (name && !isTimely(name.takenAtMs, deps.clock.nowMs())) {
    const { doorId, visitId, takenAtMs } = name
    deps.log.info({ doorId, visitId, takenAtMs }, 'snapshot too old or from the future')
    return null
  }
  const visit = name && (await deps.visits.find(name))
  // Each look costs as much as everything else about a snapshot together.
  if (name && visit && isDecided(visit, name.takenAtMs)) return null
  const snapshot = name && (await deps.photos.read(key))
  const size = snapshot && deps.pictures.size(snapshot.bytes)
  if (!snapshot || !size) {
    deps.log.warn({ key }, 'snapshot not usable')
    return null
  }
  const sighting = { ...name, visitNumber: snapshot.visitNumber, snapshot: key }
  const jpeg = smallEnough(deps, snapshot.bytes)
  const found = jpeg && (await deps.faces.find(jpeg))
  if (!found) {
    const { doorId, visitId, takenAtMs } = name
    deps.log.warn({ doorId, visitId, takenAtMs }, 'recognition refused a picture')
    return { ...sighting, faces: [], refused: 1 }
  }
  const largest = largestFirst(found).slice(0, mostFaces)
  const recognises = (await deps.household(name.household))?.recognises ?? true
  const search = async (crop: Uint8Array) =>
    recognises ? deps.faces.search(name.household, crop, deps.recognition.leastSimilarity) : []
  const seen = await seenFaces(
    deps,
    { ...name, jpeg: snapshot.bytes, size },
    largest.map((found) => ({ found, search })),
  )
  return { ...sighting, ...seen }
}

/** Rekognition's limit for a picture in a request; S3 may hold larger ones. */
const mostBytes = 5_000_000
const shrunkToPx = 1_920

/** Boxes are fractions of the picture, so they hold for the original too. */
const smallEnough = ({ pictures }: RecogniseDeps, jpeg: Uint8Array): Uint8Array | null =>
  jpeg.length <= mostBytes ? jpeg : pictures.shrink(jpeg, shrunkToPx)

/** Each face costs a search, and a sheet of printed faces would have a hundred. */
const mostFaces = 10

const largestFirst = (faces: readonly FoundFace[]): FoundFace[] =>
  faces.toSorted((one, other) => areaOf(other) - areaOf(one))

const areaOf = ({ box }: FoundFace): number => box.width * box.height

/** From a still to who is in it. A still without a face that is worth searching for is an answer. */
import { type DoorRef, doorRef } from '../doors/core/door-ref.ts'
import type { Clock, Faces, Log, Photos, Pictures } from '../ports.ts'
import {
  bestMatch,
  cropOf,
  type FoundFace,
  faceFlaw,
  isTimely,
  type Recognition,
  type SeenFace,
  type Sighting,
  type Size,
} from './core/sighting.ts'

export interface RecogniseDeps {
  readonly photos: Photos
  readonly pictures: Pictures
  readonly faces: Faces
  readonly recognition: Recognition
  readonly clock: Clock
  readonly log: Log
}

export interface SnapshotName extends DoorRef {
  readonly visitId: string
  readonly takenAtMs: number
}

/** `snapshots/<door>/<visit>/<taken at>.jpg`: the only place a door may upload to. */
export function parseSnapshotKey(key: string): SnapshotName | null {
  const [, doorId = '', visitId = '', takenAt = ''] =
    /^snapshots\/([^/]+)\/([0-9a-f]{32})\/([1-9]\d{12})\.jpg$/.exec(key) ?? []
  const door = doorRef(doorId)
  return door && { ...door, visitId, takenAtMs: Number(takenAt) }
}

/** Null when there is nothing to see: no such still, no picture, or nobody can be there any more. */
export async function recogniseSnapshot(
  deps: RecogniseDeps,
  key: string,
): Promise<Sighting | null> {
  const name = parseSnapshotKey(key)
  if (name && !isTimely(name.takenAtMs, deps.clock.nowMs())) {
    const { doorId, visitId, takenAtMs } = name
    deps.log.info({ doorId, visitId, takenAtMs }, 'still too old, or of a time to come')
    return null
  }
  const snapshot = name && (await deps.photos.read(key))
  const size = snapshot && deps.pictures.size(snapshot.bytes)
  if (!snapshot || !size) {
    deps.log.warn({ key }, 'still not usable')
    return null
  }
  const faces = await facesIn(deps, name, snapshot.bytes, size)
  return { ...name, visitNumber: snapshot.visitNumber, snapshot: key, faces }
}

export async function facesIn(
  deps: RecogniseDeps,
  name: SnapshotName,
  jpeg: Uint8Array,
  size: Size,
): Promise<SeenFace[]> {
  const seen: SeenFace[] = []
  const found = largestFirst(await deps.faces.find(jpeg)).slice(0, mostFaces)
  for (const [at, face] of found.entries()) {
    const flaw = faceFlaw(face, size)
    const { visitId, doorId, takenAtMs } = name
    const cut = flaw ? null : deps.pictures.crop(jpeg, cropOf(face, size))
    if (cut) seen.push(await searched(deps, name, at + 1, cut))
    else deps.log.info({ doorId, visitId, takenAtMs, flaw }, 'face not searched')
  }
  return seen
}

/** Each costs a search, and a sheet of printed faces would hold a hundred. */
const mostFaces = 10

const largestFirst = (faces: readonly FoundFace[]): FoundFace[] =>
  faces.toSorted((one, other) => areaOf(other) - areaOf(one))

const areaOf = ({ box }: FoundFace): number => box.width * box.height

async function searched(
  deps: RecogniseDeps,
  { household, doorId, visitId, takenAtMs }: SnapshotName,
  nth: number,
  jpeg: Uint8Array,
): Promise<SeenFace> {
  const key = `faces/${doorId}/${visitId}/${takenAtMs}-${nth}.jpg`
  const [face, matches] = await Promise.all([
    deps.photos.write(key, jpeg),
    deps.faces.search(household, jpeg, deps.recognition.leastSimilarity),
  ])
  return { face, jpeg, best: bestMatch(matches, deps.recognition) }
}

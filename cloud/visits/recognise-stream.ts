/**
 * The other source of sightings: a Rekognition stream processor. It has searched the faces already;
 * only the picture has to be read from the video.
 */
import type { Uses } from '../ports.ts'
import { type FrameRecord, isTimely, type Sighting } from './core/sighting.ts'
import { seenFaces } from './seen-faces.ts'

export type StreamDeps = Uses<'household' | 'frames' | 'photos' | 'pictures' | 'recognition'>

/** Null without a face, or when the visit is unknown. */
export async function recogniseFrame(
  deps: StreamDeps,
  record: FrameRecord,
): Promise<Sighting | null> {
  const { household, doorId, fragmentNumber, producerAtMs, offsetMs } = record
  const takenAtMs = Math.round(producerAtMs + offsetMs)
  if (record.faces.length === 0 || !isTimely(takenAtMs, deps.clock.nowMs())) return null
  const frameRef = { streamName: doorId, fragmentNumber, producerAtMs, offsetMs }
  const frame = await deps.frames.frame(frameRef)
  if (frame.outcome === 'no-frame') {
    deps.log.warn({ doorId, fragmentNumber, why: frame.why }, 'frame not usable')
    return null
  }
  const { jpeg, visitId, visitNumber } = frame
  const size = deps.pictures.size(jpeg)
  if (!size || visitId === null || !/^[0-9a-f]{32}$/.test(visitId)) {
    deps.log.warn({ doorId, fragmentNumber }, 'frame without a visit, or not a picture')
    return null
  }
  const snapshot = `faces/${doorId}/${visitId}/${takenAtMs}.jpg`
  const recognises = (await deps.household(household))?.recognises ?? true
  const faces = record.faces.map(({ found, matches }) => ({
    found,
    search: async () => (recognises ? matches : []),
  }))
  const picture = { doorId, visitId, takenAtMs, jpeg, size }
  const seen = await seenFaces(deps, picture, faces)
  return { household, doorId, visitId, takenAtMs, visitNumber, snapshot, ...seen }
}

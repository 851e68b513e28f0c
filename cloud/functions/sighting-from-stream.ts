/** What Rekognition saw in a door's video, by a Kinesis data stream: who it is, and what follows. */

import { eachRecord } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { type SightingDeps, takeSighting } from '../visits/sightings.ts'
import { parseFrameRecord, type StreamDeps, sightingIn } from '../visits/stream-records.ts'
import { frames } from '../wiring/frames.ts'
import { sightingParts } from '../wiring/sighting.ts'

export const makeHandler = (deps: StreamDeps & SightingDeps) => (event: unknown) =>
  eachRecord(deps.log, event, async (data, sequenceNumber) => {
    const record = parseFrameRecord(data)
    if (!record) return deps.log.error({ sequenceNumber }, 'record not understood, passed over')
    const sighting = await sightingIn(deps, record)
    if (sighting) await takeSighting(deps, sighting)
  })

const parts = sightingParts()

export const handler = makeHandler({ ...parts, frames: frames(), pictures: picturesJpeg() })

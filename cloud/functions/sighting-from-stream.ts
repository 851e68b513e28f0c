/** What Rekognition found in a door's video, by a Kinesis data stream: who it is, and what follows. */
import { parseFrameRecord } from '../aws/rekognition/stream-record.ts'
import { eachRecord } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import type { Uses } from '../ports.ts'
import { actParts } from '../visits/act.ts'
import { handleSighting } from '../visits/handle-sighting.ts'
import { recogniseFrame } from '../visits/recognise-stream.ts'

export const parts = [...actParts, 'frames'] as const
export const loadedAtStart = ['frames'] as const

export const makeHandler = (deps: Uses<(typeof parts)[number]>) => (event: unknown) =>
  eachRecord(deps.log, event, async (data, sequenceNumber) => {
    const record = parseFrameRecord(data)
    if (!record) return deps.log.error({ sequenceNumber }, 'malformed record skipped')
    const sighting = await recogniseFrame({ ...deps, pictures: picturesJpeg }, record)
    if (sighting) await handleSighting(deps, sighting)
  })

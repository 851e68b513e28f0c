/** What Rekognition found in a door's video, by a Kinesis data stream: who it is, and what follows. */
import { loadNow } from '../aws/lazy.ts'
import { parseFrameRecord } from '../aws/rekognition/stream-record.ts'
import { wire } from '../aws/wiring.ts'
import { eachRecord } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { type ActDeps, actParts } from '../visits/act.ts'
import { handleSighting } from '../visits/handle-sighting.ts'
import { recogniseFrame, type StreamDeps } from '../visits/recognise-stream.ts'

export const makeHandler = (deps: StreamDeps & ActDeps) => (event: unknown) =>
  eachRecord(deps.log, event, async (data, sequenceNumber) => {
    const record = parseFrameRecord(data)
    if (!record) return deps.log.error({ sequenceNumber }, 'malformed record skipped')
    const sighting = await recogniseFrame(deps, record)
    if (sighting) await handleSighting(deps, sighting)
  })

const deps = wire([...actParts, 'frames'])
await loadNow(deps.frames)

export const handler = makeHandler({ ...deps, pictures: picturesJpeg })

/** A still that a door uploaded, by S3 and a queue: who is in it, and what follows. */

import { eachMessage, keysIn } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { type RecogniseDeps, recogniseSnapshot } from '../visits/recognise.ts'
import { type SightingDeps, takeSighting } from '../visits/sightings.ts'
import { loadedNow } from '../wiring/on-first-call.ts'
import { sightingParts } from '../wiring/sighting.ts'

export const makeHandler = (deps: RecogniseDeps & SightingDeps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) {
      const sighting = await recogniseSnapshot(deps, key)
      if (sighting) await takeSighting(deps, sighting)
    }
  })

const parts = sightingParts()
// Every still is fetched, looked at and settled.
await loadedNow(parts.photos, parts.faces, parts.later)

export const handler = makeHandler({ ...parts, pictures: picturesJpeg() })

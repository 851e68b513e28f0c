/** A snapshot that a door uploaded, by S3 and a queue: who is in it, and what follows. */
import { eachMessage, keysIn } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { type ActDeps, actParts } from '../visits/act.ts'
import { handleSighting } from '../visits/handle-sighting.ts'
import { recogniseSnapshot } from '../visits/recognise-snapshot.ts'

export const parts = actParts
/** Every snapshot needs these. */
export const loadedAtStart = ['photos', 'faces', 'delayedQueue'] as const

export const makeHandler = (deps: ActDeps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) {
      const sighting = await recogniseSnapshot({ ...deps, pictures: picturesJpeg }, key)
      if (sighting) await handleSighting(deps, sighting)
    }
  })

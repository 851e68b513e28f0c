/** A snapshot that a door uploaded, by S3 and a queue: who is in it, and what follows. */
import { loadNow } from '../aws/lazy.ts'
import { wire } from '../aws/wiring.ts'
import { eachMessage, keysIn } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { type ActDeps, actParts } from '../visits/act.ts'
import { handleSighting } from '../visits/handle-sighting.ts'
import { type RecogniseDeps, recogniseSnapshot } from '../visits/recognise-snapshot.ts'

export const makeHandler = (deps: RecogniseDeps & ActDeps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) {
      const sighting = await recogniseSnapshot(deps, key)
      if (sighting) await handleSighting(deps, sighting)
    }
  })

const deps = wire(actParts)
// Every snapshot needs these.
await loadNow(deps.photos, deps.faces, deps.delayedQueue)

export const handler = makeHandler({ ...deps, pictures: picturesJpeg })

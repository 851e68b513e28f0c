/** A still that a door uploaded, by S3 and a queue: who is in it, and what follows. */
import { eachMessage, keysIn } from '../batches.ts'
import { type RecogniseDeps, recogniseStill } from '../recognise.ts'
import { type SightingDeps, takeSighting } from '../sightings.ts'
import * as parts from '../wiring.ts'

export const makeHandler = (deps: RecogniseDeps & SightingDeps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) {
      const sighting = await recogniseStill(deps, key)
      if (sighting) await takeSighting(deps, sighting)
    }
  })

export const handler = makeHandler(parts.sightingParts())

/** Some seconds after a still, by a queue: what is undecided goes to the owner. */

import { eachMessage, parseVisitRef } from '../batches.ts'
import { type SightingDeps, settleVisit } from '../visits/sightings.ts'
import { sightingParts } from '../wiring/sighting.ts'

export const makeHandler = (deps: SightingDeps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => settleVisit(deps, parseVisitRef(body)))

export const handler = makeHandler(sightingParts())

/** Some seconds after a still, by a queue: what is undecided goes to the owner. */
import { eachMessage, parseVisitRef } from '../batches.ts'
import { type SightingDeps, settleVisit } from '../sightings.ts'
import * as parts from '../wiring.ts'

export const makeHandler = (deps: SightingDeps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => settleVisit(deps, parseVisitRef(body)))

export const handler = makeHandler({
  photos: parts.photos(),
  pictures: parts.pictures(),
  faces: parts.faces(),
  recognition: parts.recognition,
  visits: parts.visits(),
  visitors: parts.visitors(),
  requests: parts.requests(),
  passcodes: parts.passcodes(),
  once: parts.once(),
  household: parts.household(),
  secrets: parts.secrets(),
  doors: parts.doors(),
  mail: parts.mail(),
  later: parts.later(),
  webOrigin: parts.webOrigin(),
  clock: parts.clock,
  newId: parts.newId,
  log: parts.log,
})

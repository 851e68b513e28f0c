/** Some seconds after a snapshot, by a queue: what is undecided goes to the owner. */
import { eachMessage, parseVisitRef } from '../batches.ts'
import { type ActDeps, actParts } from '../visits/act.ts'
import { settleVisit } from '../visits/settle-visit.ts'

export const parts = actParts

export const makeHandler = (deps: ActDeps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => settleVisit(deps, parseVisitRef(body)))

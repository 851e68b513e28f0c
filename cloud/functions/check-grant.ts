/** Ten seconds after a code was issued, by a queue: has the door got it? */
import { eachMessage, parseGrantRef } from '../batches.ts'
import { type CheckGrantDeps, checkGrant } from '../check-grant.ts'
import * as parts from '../wiring.ts'

export const makeHandler = (deps: CheckGrantDeps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => checkGrant(deps, parseGrantRef(body)))

const tables = parts.dynamodb()

export const handler = makeHandler({
  passcodes: parts.passcodes(tables),
  visits: parts.visits(tables),
  once: parts.once(tables),
  household: parts.household(tables),
  doors: parts.doors(),
  mail: parts.mail(),
  clock: parts.clock,
  newId: parts.newId,
  log: parts.log,
})

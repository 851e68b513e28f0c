/** Ten seconds after a code was issued, by a queue: has the door got it? */

import { eachMessage, parseGrantRef } from '../batches.ts'
import { type CheckGrantDeps, checkGrant } from '../passcodes/check-grant.ts'
import { clock, log, newId } from '../wiring/basics.ts'
import { doors } from '../wiring/doors.ts'
import { mail } from '../wiring/mail.ts'
import { dynamodb, household, once, passcodes, visits } from '../wiring/tables.ts'

export const makeHandler = (deps: CheckGrantDeps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => checkGrant(deps, parseGrantRef(body)))

const tables = dynamodb()

export const handler = makeHandler({
  passcodes: passcodes(tables),
  visits: visits(tables),
  once: once(tables),
  household: household(tables),
  doors: doors(),
  mail: mail(),
  clock,
  newId,
  log,
})

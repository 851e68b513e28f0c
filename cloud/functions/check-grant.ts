/** Ten seconds after a code was issued, by a queue: has the door stored it? */
import { eachMessage, parseGrantRef } from '../batches.ts'
import { checkGrant } from '../passcodes/check-grant.ts'

export const parts = [
  'passcodes',
  'visits',
  'household',
  'idempotency',
  'doors',
  'introductions',
  'mail',
] as const

type Deps = Parameters<typeof checkGrant>[0]

export const makeHandler = (deps: Deps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => checkGrant(deps, parseGrantRef(body)))

/** Ten seconds after a code was issued, by a queue: has the door stored it? */
import { wire } from '../aws/wiring.ts'
import { eachMessage, parseGrantRef } from '../batches.ts'
import { checkGrant } from '../passcodes/check-grant.ts'

type Deps = Parameters<typeof checkGrant>[0]

export const makeHandler = (deps: Deps) => (event: unknown) =>
  eachMessage(deps.log, event, (body) => checkGrant(deps, parseGrantRef(body)))

export const handler = makeHandler(
  wire(['passcodes', 'visits', 'household', 'idempotency', 'doors', 'introductions', 'mail']),
)

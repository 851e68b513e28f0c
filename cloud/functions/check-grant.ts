/** Follows up codes, by a queue: has the door stored it, what became of its text, and what is to be sent? */
import { parseTextReport } from '../aws/sms/text-report.ts'
import { eachMessage, parseDeliveryOrder, parseGrantRef } from '../batches.ts'
import { carryOut } from '../credentials/carry-out.ts'
import { checkGrant } from '../passcodes/check-grant.ts'
import { textReported } from '../passcodes/follow-up-text.ts'

export const parts = [
  'passcodes',
  'credentials',
  'visits',
  'visitors',
  'secrets',
  'household',
  'households',
  'notices',
  'push',
  'idempotency',
  'doors',
  'introductions',
  'mail',
  'sms',
  'webOrigin',
] as const

type Deps = Parameters<typeof checkGrant>[0] & Parameters<typeof carryOut>[0]

export const makeHandler = (deps: Deps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    const report = parseTextReport(body)
    if (report === 'of-no-interest') return
    const order = parseDeliveryOrder(body)
    if (order) await carryOut(deps, order)
    else if (report) await textReported(deps, report)
    else await checkGrant(deps, parseGrantRef(body))
  })

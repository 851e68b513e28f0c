/** Follows up codes, by a queue: has the door stored it, and what became of its text? */
import { parseTextReport } from '../aws/sms/text-report.ts'
import { eachMessage, parseGrantRef } from '../batches.ts'
import { checkGrant } from '../passcodes/check-grant.ts'
import { textReported } from '../passcodes/follow-up-text.ts'

export const parts = [
  'passcodes',
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
] as const

type Deps = Parameters<typeof checkGrant>[0]

export const makeHandler = (deps: Deps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    const report = parseTextReport(body)
    if (report === 'of-no-interest') return
    if (report) await textReported(deps, report)
    else await checkGrant(deps, parseGrantRef(body))
  })

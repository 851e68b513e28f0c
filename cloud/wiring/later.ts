/** Notes to ourselves. */
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import type { DelayedQueue } from '../ports.ts'
import { onFirstCall } from './on-first-call.ts'

export function later(): DelayedQueue {
  const { CHECK_GRANT_QUEUE_URL: checkGrantUrl, SETTLE_VISIT_QUEUE_URL: settleVisitUrl } = settings(
    'CHECK_GRANT_QUEUE_URL',
    'SETTLE_VISIT_QUEUE_URL',
  )
  const load = async () => {
    const { laterSqs, newClient } = await import('../aws/sqs/delayed-queue.ts')
    return laterSqs({ client: newClient(awsSettings), checkGrantUrl, settleVisitUrl })
  }
  return onFirstCall<DelayedQueue>(load, (it) => ({
    checkGrant: async (...asked) => (await it()).checkGrant(...asked),
    settleVisit: async (...asked) => (await it()).settleVisit(...asked),
  }))
}

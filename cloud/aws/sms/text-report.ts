/**
 * What End User Messaging reports of a text, as its event destination sends it. The phone number in
 * it is not read.
 */
import * as z from 'zod/mini'
import { doorRef } from '../../doors/core/door-ref.ts'
import type { TextReport } from '../../passcodes/follow-up-text.ts'
import type { GrantRef } from '../../ports.ts'

const event = z.object({
  eventType: z.string().check(z.regex(/^TEXT_[A-Z_]+$/)),
  context: z.optional(z.record(z.string(), z.string())),
})

/** Accepted by the carrier, or delivered to the phone where carriers say so. */
const confirmations: readonly string[] = ['TEXT_SUCCESSFUL', 'TEXT_DELIVERED']
const underWay: readonly string[] = ['TEXT_PENDING', 'TEXT_QUEUED', 'TEXT_SENT']

/** Null for what is no report. */
export function parseTextReport(body: unknown): TextReport | 'of-no-interest' | null {
  const { data } = z.safeParse(event, body)
  if (!data) return null
  const { eventType: reason, context = {} } = data
  const { doorId = '', grantId = '', tag = '' } = context
  const door = doorRef(doorId)
  if (!door || !grantId || !tag || underWay.includes(reason)) return 'of-no-interest'
  const outcome = confirmations.includes(reason) ? 'confirmed' : 'failed'
  return { ref: { ...door, grantId, tag }, outcome, reason }
}

/** Sent with a text, and repeated in what is reported of it. */
export const reportContext = ({ doorId, grantId, tag }: GrantRef) => ({ doorId, grantId, tag })

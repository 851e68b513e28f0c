/**
 * What became of a text. If it failed, or nothing confirmed it in time, the visitor gets the code by
 * mail; without an address for that the owners are notified. Once for each code, and not after it
 * was used.
 */
import { type AlarmDeps, notifyOwner } from '../doors/owner-alarms.ts'
import { doOnce } from '../idempotency.ts'
import type { GrantRef, Uses } from '../ports.ts'
import type { TextProblem } from '../visits/core/timeline.ts'
import { confirmedWithinMs, type Grant } from './core/grant.ts'
import { addEntry, addFailure, codeFacts, mailCode } from './deliver-code.ts'

export type FollowUpDeps = AlarmDeps &
  Uses<'passcodes' | 'visits' | 'visitors' | 'household' | 'secrets' | 'idempotency' | 'mail'>

export interface TextReport {
  readonly ref: GrantRef
  readonly outcome: 'confirmed' | 'failed'
  /** The provider's own word for it. */
  readonly reason: string
}

/** The provider reported what became of a text. */
export async function textReported(
  deps: FollowUpDeps,
  { ref, outcome, reason }: TextReport,
): Promise<void> {
  const { doorId, grantId } = ref
  deps.log.info({ doorId, grantId, outcome, reason }, 'text reported')
  if (outcome === 'confirmed') return deps.passcodes.markConfirmed(ref, deps.clock.nowMs())
  const grant = await deps.passcodes.find(ref)
  if (grant) await fallBack(deps, ref, grant, `the text failed: ${reason}`)
}

/** At some time after the sending. */
export async function checkText(deps: FollowUpDeps, ref: GrantRef, grant: Grant): Promise<void> {
  const { storedAtMs, sentBy, confirmedAtMs } = grant
  if (storedAtMs === null || sentBy !== 'sms' || confirmedAtMs !== null) return
  // The call that checks whether the door has the code comes earlier. Clocks differ a little.
  if (deps.clock.nowMs() - storedAtMs < confirmedWithinMs - 2_000) return
  await fallBack(deps, ref, grant, 'the text was not confirmed in time')
}

async function fallBack(
  deps: FollowUpDeps,
  ref: GrantRef,
  grant: Grant,
  why: TextProblem,
): Promise<void> {
  const { visitorId } = grant
  if (grant.closed !== null || grant.expiresAtMs <= deps.clock.nowMs()) return
  await doOnce(deps, `fallback#${ref.grantId}`, async () => {
    const facts = await codeFacts(deps, ref, grant)
    const visitor = await deps.visitors.find(ref.household, grant.visitorId)
    if (!visitor) return
    await addEntry(deps, { ref, grant }, { what: 'text-unconfirmed', why, visitorId })
    if (visitor.contact.email !== null) {
      const to = { ref, grant, visitor, facts }
      try {
        await mailCode(deps, to)
        return await addEntry(deps, { ref, grant }, { what: 'code-mailed', why, visitorId })
      } catch (error) {
        await addFailure(deps, to, 'email', error)
      }
    }
    await notifyOwner(deps, ref, `text-${ref.grantId}`, 'text-unconfirmed')
  })
}

/**
 * Some seconds after a code was issued, and again after it was sent. If the door has not stored it,
 * it is revoked and never sent; if its text is not confirmed, it is sent another way.
 */
import { command } from '../doors/commands.ts'
import { notifyOwner } from '../doors/owner-alarms.ts'
import type { GrantRef, Uses } from '../ports.ts'
import type { NewEntry } from '../visits/core/timeline.ts'
import { checkText, type FollowUpDeps } from './follow-up-text.ts'

type Deps = Uses<
  'passcodes' | 'visits' | 'household' | 'idempotency' | 'doors' | 'introductions' | 'mail'
> &
  FollowUpDeps

export async function checkGrant(deps: Deps, ref: GrantRef): Promise<void> {
  const { household, doorId, grantId } = ref
  const atMs = deps.clock.nowMs()
  // Almost every grant is stored by now, and a read costs less than a refused write.
  const found = await deps.passcodes.find(ref)
  if (!found || found.closed === 'used') return
  if (found.storedAtMs !== null) return checkText(deps, ref, found)
  // An earlier call may have crashed between revoking it and the rest.
  const grant = found.closed ? found : await deps.passcodes.revokeUnstored(ref, atMs)
  if (!grant) return
  await command(deps, doorId, { type: 'revoke-grant', grantId, reason: 'not stored in time' })
  if (grant.visitId !== null) {
    const { visitId, visitorId } = grant
    const facts = { household, doorId, visitId, number: null, seenAtMs: grant.notBeforeMs }
    const why = 'the door did not answer, so no code was sent'
    const entry: NewEntry = { atMs, what: 'no-code', why, visitorId }
    await deps.visits.addTimelineEntry(facts, `offline-${grantId}`, entry)
  }
  await notifyOwner(deps, ref, `offline-${grantId}`, 'door-offline')
}

/** A door that does not answer gets no visitor's hopes up: its grant is withdrawn, nothing texted. */
import { type CommandDeps, command } from '../doors/commands.ts'
import { type AlarmDeps, tellOwner } from '../doors/owner-alarms.ts'
import type { GrantRef, Passcodes, Visits } from '../ports.ts'

export interface CheckGrantDeps extends CommandDeps, AlarmDeps {
  readonly passcodes: Passcodes
  readonly visits: Visits
}

export async function checkGrant(deps: CheckGrantDeps, ref: GrantRef): Promise<void> {
  const { household, doorId, grantId } = ref
  const atMs = deps.clock.nowMs()
  // Nearly always the door has it by now, and looking costs less than trying to withdraw it.
  const found = await deps.passcodes.find(ref)
  if (!found || found.storedAtMs !== null || found.closed === 'used') return
  // Somebody may have crashed after withdrawing it and before saying so.
  const grant = found.closed ? found : await deps.passcodes.revokeUnstored(ref, atMs)
  if (!grant) return
  await command(deps, doorId, { type: 'revoke-grant', grantId, reason: 'not stored in time' })
  if (grant.visitId !== null) {
    const { visitId, visitorId } = grant
    const facts = { household, doorId, visitId, number: null, seenAtMs: grant.notBeforeMs }
    const why = 'the door did not answer, so no code was sent'
    await deps.visits.tell(facts, `offline-${grantId}`, { atMs, what: 'no-code', why, visitorId })
  }
  await tellOwner(deps, ref, `offline-${grantId}`, 'door-offline')
}

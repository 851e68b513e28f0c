/** A door that does not answer gets no visitor's hopes up: its grant is withdrawn, nothing texted. */
import { type CommandDeps, command } from './commands.ts'
import { type AlarmDeps, tellOwner } from './owner-alarms.ts'
import type { GrantRef, Passcodes, Visits } from './ports.ts'

export interface CheckGrantDeps extends CommandDeps, AlarmDeps {
  readonly passcodes: Passcodes
  readonly visits: Visits
}

export async function checkGrant(deps: CheckGrantDeps, ref: GrantRef): Promise<void> {
  const { household, doorId, grantId } = ref
  const atMs = deps.clock.nowMs()
  const grant =
    (await deps.passcodes.revokeUnstored(ref, atMs)) ?? (await withdrawnBefore(deps, ref))
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

/** Somebody may have crashed after withdrawing it and before saying so. */
async function withdrawnBefore(deps: CheckGrantDeps, ref: GrantRef) {
  const grant = await deps.passcodes.find(ref)
  return grant?.closed === 'revoked' && grant.storedAtMs === null ? grant : null
}

/**
 * Step 2 of a one-time code: the door stored it, so it is sent to the visitor by SMS or mail, and by
 * the other when the first fails. A crash between the sending and its record means that the same
 * code is sent a second time.
 */
import { command } from '../doors/commands.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { type AlarmDeps, notifyOwner } from '../doors/owner-alarms.ts'
import { sendingLeaseMs } from '../idempotency.ts'
import type { GrantRef, Uses } from '../ports.ts'
import { addressHash, addressOf, waysTo } from './contact.ts'
import { confirmedWithinMs, type Grant, type Way } from './core/grant.ts'
import { addFailure, codeFacts, deliver, NotDelivered } from './deliver-code.ts'
import { type FoundGrant, possibleRefs } from './find-grant.ts'

export type SendDeps = AlarmDeps &
  Uses<
    | 'passcodes'
    | 'visits'
    | 'delayedQueue'
    | 'webOrigin'
    | 'visitors'
    | 'household'
    | 'secrets'
    | 'idempotency'
    | 'doors'
    | 'introductions'
    | 'mail'
    | 'sms'
  >

/** The grant if its code was sent, by this or an earlier call. */
export async function sendCode(
  deps: SendDeps,
  door: DoorRef,
  grantId: string,
): Promise<Grant | null> {
  const claim = await claimSending(deps, door, grantId)
  if (!claim) return null
  const { grant, ref } = claim
  if (!claim.isMine) return grant.sentAtMs === null || grant.closed !== null ? null : grant
  const sent = await send(deps, claim)
  if (sent === 'visitor-deleted' || sent === 'address-changed') {
    await revoke(deps, ref, grant, sent)
    return null
  }
  if (sent === 'no-address') return null
  await deps.passcodes.markSent(ref, deps.clock.nowMs(), sent)
  deps.log.info({ doorId: door.doorId, visitId: grant.visitId, grantId }, 'code sent')
  return grant
}

/** `isMine` is false when another call sends or sent it, or the grant is not valid any more. */
async function claimSending(
  deps: SendDeps,
  door: DoorRef,
  grantId: string,
): Promise<(FoundGrant & { readonly isMine: boolean }) | null> {
  const nowMs = deps.clock.nowMs()
  for (const ref of await possibleRefs(deps, door, grantId)) {
    const mine = await deps.passcodes.claimSending(ref, nowMs, nowMs + sendingLeaseMs)
    if (mine) return { grant: mine, ref, isMine: true }
    const grant = await deps.passcodes.find(ref)
    if (grant) return { grant, ref, isMine: false }
  }
  return null
}

type Sent = Way | 'page' | 'visitor-deleted' | 'address-changed' | 'no-address'

async function send(deps: SendDeps, { grant, ref }: FoundGrant): Promise<Sent> {
  const { household, grantId } = ref
  // Queued first: a text that this process cannot follow up must not be lost.
  await deps.delayedQueue.checkGrant(ref, confirmedWithinMs)
  const facts = await codeFacts(deps, ref, grant)
  const visitor = await deps.visitors.find(household, grant.visitorId)
  if (!visitor) return 'visitor-deleted'
  const alarm = () => notifyOwner(deps, ref, `text-${grantId}`, 'text-not-sent')
  const isCounted = grant.countedFor === addressHash(household, addressOf(visitor))
  if (grant.countedFor !== null && !isCounted) {
    await alarm()
    return 'address-changed'
  }
  let failure: unknown = null
  for (const way of waysTo(visitor)) {
    try {
      await deliver(deps, { ref, grant, visitor, facts }, way)
      return way
    } catch (error) {
      failure = error
      await addFailure(deps, { ref, grant }, way, error)
    }
  }
  if (grant.onPage) return 'page'
  await alarm()
  // A fault may pass, so it is tried again; a refusal stays one.
  if (failure !== null && !(failure instanceof NotDelivered)) throw failure
  return 'no-address'
}

const revokeReasons = {
  'visitor-deleted': 'the visitor was deleted',
  'address-changed': 'the visitor’s number or address was changed',
} as const

async function revoke(
  deps: SendDeps,
  ref: GrantRef,
  { visitorId }: Grant,
  because: keyof typeof revokeReasons,
): Promise<void> {
  const { doorId, grantId } = ref
  const reason = revokeReasons[because]
  await command(deps, doorId, { type: 'revoke-grant', grantId, reason })
  // The grant has just sent the deleted visitor's name to the door again.
  if (because === 'visitor-deleted') {
    await command(deps, doorId, { type: 'visitor-removed', visitorId })
  }
  await deps.passcodes.close(ref, 'revoked', deps.clock.nowMs())
  deps.log.warn({ doorId, grantId, reason }, 'code not sent')
}

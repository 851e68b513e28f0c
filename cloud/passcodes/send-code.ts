/**
 * Step 2 of a one-time code: the door stored it, so it is sent to the visitor by SMS or mail. A
 * crash between the sending and its record means that the same code is sent a second time.
 */
import { derivePasscode } from '../../protocol/passcode.ts'
import { command } from '../doors/commands.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { tellOwner } from '../doors/owner-alarms.ts'
import { sendingLeaseMs } from '../idempotency.ts'
import { codeText } from '../letters/code-text.ts'
import { codeLetter } from '../letters/letters.ts'
import { doorOf } from '../members/core/household.ts'
import type { GrantRef, Uses } from '../ports.ts'
import { addressHash, addressOf } from './contact.ts'
import type { Grant } from './core/grant.ts'
import { type FoundGrant, possibleRefs } from './find-grant.ts'

export type SendDeps = Uses<
  | 'passcodes'
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
  const sent = await sendOrAlarm(deps, grant)
  if (sent === 'visitor-deleted' || sent === 'address-changed') {
    await revoke(deps, ref, grant, sent)
  }
  if (sent !== 'sent') return null
  await deps.passcodes.markSent(ref, deps.clock.nowMs())
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

type Sent = 'sent' | 'visitor-deleted' | 'address-changed' | 'no-address'

/** A failure is retried after a minute. The owner is notified when the retry fails too. */
const notifyAfterMs = 30_000

async function sendOrAlarm(deps: SendDeps, grant: Grant): Promise<Sent> {
  const alarm = () => tellOwner(deps, grant, `text-${grant.grantId}`, 'text-not-sent')
  try {
    const sent = await send(deps, grant)
    if (sent === 'no-address' || sent === 'address-changed') await alarm()
    return sent
  } catch (error) {
    const sinceMs = deps.clock.nowMs() - (grant.storedAtMs ?? 0)
    if (sinceMs >= notifyAfterMs) await alarm()
    throw error
  }
}

async function send(deps: SendDeps, grant: Grant): Promise<Sent> {
  const { doorId, household, language, digits, grantId, expiresAtMs } = grant
  const code = derivePasscode(await deps.secrets.doorKey(doorId), grantId, digits)
  const doorName = doorOf(await deps.household(household), doorId)?.name ?? ''
  const minutes = Math.max(1, Math.round((expiresAtMs - deps.clock.nowMs()) / 60_000))
  // Read last, so that a visitor who was just deleted gets nothing.
  const visitor = await deps.visitors.find(household, grant.visitorId)
  if (!visitor) return 'visitor-deleted'
  const isCounted = grant.countedFor === addressHash(household, addressOf(visitor))
  if (grant.countedFor !== null && !isCounted) return 'address-changed'
  const { prefers, phone, email } = visitor.contact
  if (prefers === 'sms' && phone !== null) {
    await deps.sms.send({ to: phone, body: codeText({ doorName, code, minutes, language }) })
    return 'sent'
  }
  if (email === null) return 'no-address'
  const letter = codeLetter({ visitorName: visitor.name, doorName, code, minutes, language })
  await deps.mail.send({ to: [email], ...letter, pictures: [] })
  return 'sent'
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

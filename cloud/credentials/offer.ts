/** Sends a credential to its door, as it is in the table. */
import { commandAsOfNow } from '../doors/commands.ts'
import type { Uses } from '../ports.ts'
import { type CredentialRef, isLive, messageOf } from './core/credential.ts'

export type OfferDeps = Uses<'credentials' | 'doors' | 'introductions'>

/**
 * The message is numbered before the table is read. So of two that overtake each other, the one that
 * read later also counts for the door. False when the door has not declared that it supports this.
 */
export async function offer(deps: OfferDeps, ref: CredentialRef): Promise<boolean> {
  const send = commandAsOfNow(deps)
  const credential = await deps.credentials.find(ref)
  if (!credential) return false
  const { doorId, grantId, withdrawn, revision } = credential
  if (isLive(credential, deps.clock.nowMs())) {
    return send(doorId, { type: 'grant', credential: messageOf(credential) }, revision)
  }
  const reason = withdrawn?.why ?? 'its time is over'
  return send(doorId, { type: 'revoke-grant', grantId, reason }, revision)
}

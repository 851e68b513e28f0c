/** What a door reports about its standing credentials. Each may come twice, and in any order. */
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { withdraw } from './change-credential.ts'
import { isChosen, isLive, type StandingCredential } from './core/credential.ts'
import type { OfferDeps } from './offer.ts'

type Message<T extends DoorMessage['type']> = Extract<DoorMessage, { type: T }>

/** By how much the clocks of door and cloud may differ. */
const clockDiffersMs = 2_000

/** A door that does not know the time has no time to compare. */
const answerTo = (deps: OfferDeps, { atMs, timeKnown }: DoorMessage) => ({
  atMs: deps.clock.nowMs(),
  offeredByMs: timeKnown ? atMs + clockDiffersMs : deps.clock.nowMs(),
})

/** Null when it is none of ours. Then it may be a one-time code. */
export const credentialAt = (
  { credentials }: OfferDeps,
  { household, doorId }: DoorRef,
  grantId: string,
): Promise<StandingCredential | null> => credentials.find({ household, doorId, grantId })

/** A new PIN replaces the earlier ones of its holder from now on. */
export async function credentialStored(
  deps: OfferDeps,
  credential: StandingCredential,
  message: Message<'grant-stored'>,
): Promise<void> {
  await deps.credentials.markStored(credential, answerTo(deps, message))
  const { purpose, visitorId, createdAtMs, grantId } = credential
  if (!isChosen(purpose)) return
  const nowMs = deps.clock.nowMs()
  for (const other of await deps.credentials.ofDoor(credential)) {
    const isReplaced =
      other.purpose === purpose &&
      other.visitorId === visitorId &&
      other.grantId !== grantId &&
      other.createdAtMs < createdAtMs &&
      isLive(other, nowMs)
    if (isReplaced) await withdraw(deps, other, { why: 'a new PIN was set' })
  }
}

export const credentialRefused = (
  deps: OfferDeps,
  credential: StandingCredential,
  message: Message<'grant-refused'>,
): Promise<StandingCredential | null> =>
  deps.credentials.markRefused(credential, message.reason, answerTo(deps, message))

/** It may be about a credential that the cloud has ended, or that ended by itself. */
export async function credentialGone(
  deps: OfferDeps,
  credential: StandingCredential,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  if (!isLive(credential, nowMs)) await deps.credentials.markGone(credential, nowMs)
}

export async function credentialUsed(
  deps: OfferDeps,
  credential: StandingCredential,
  { visitId, id, atMs, duress }: Message<'entry-accepted'>,
): Promise<void> {
  const { household, doorId } = credential
  await deps.credentials.addUse(credential, { visit: visitId ?? id, atMs })
  if (duress && visitId !== null)
    await deps.credentials.addDuress({ household, doorId, visitId }, atMs)
}

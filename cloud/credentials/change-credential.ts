/** Changes credentials that exist: new terms, sent again, withdrawn. */
import type { Validity } from '../../protocol/messages/cloud.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { markOf } from './codes.ts'
import {
  type CredentialRef,
  isLive,
  type StandingCredential,
  type Terms,
} from './core/credential.ts'
import { type OfferDeps, offer } from './offer.ts'

/** Null without it. */
export async function changeTerms(
  deps: OfferDeps,
  ref: CredentialRef,
  terms: Terms,
): Promise<'stored' | 'changed' | 'code-in-use' | 'over' | null> {
  const credential = await deps.credentials.find(ref)
  if (!credential) return null
  const nowMs = deps.clock.nowMs()
  if (credential.withdrawn) return 'over'
  const answer = await deps.credentials.changeTerms(credential, terms, nowMs)
  if (answer === 'stored') await offer(deps, ref)
  return answer
}

/** For a door that has not answered. */
export async function sendAgain(deps: OfferDeps, ref: CredentialRef): Promise<boolean> {
  await deps.credentials.markOffered(ref, deps.clock.nowMs())
  return offer(deps, ref)
}

/** False without it. May be called again: then the door gets another message. */
export async function withdraw(
  deps: OfferDeps,
  ref: CredentialRef,
  { why, forgets = false }: { readonly why: string; readonly forgets?: boolean },
): Promise<boolean> {
  const atMs = deps.clock.nowMs()
  const withdrawn = await deps.credentials.withdraw(ref, { atMs, why, forgets })
  if (!withdrawn) return false
  await offer(deps, ref)
  const { doorId, grantId } = withdrawn
  deps.log.info({ doorId, grantId, why }, 'credential withdrawn')
  return true
}

/** Those of a person who is blocked or deleted. */
export async function withdrawAllOf(
  deps: OfferDeps,
  door: DoorRef,
  visitorId: string,
  because: { readonly why: string; readonly forgets?: boolean },
): Promise<void> {
  for (const one of await deps.credentials.ofDoor(door)) {
    const isOver = one.withdrawn !== null && !(because.forgets && one.name !== '')
    if (one.visitorId === visitorId && !isOver) await withdraw(deps, one, because)
  }
}

/** Those of a person whose welcome ends then. A longer welcome later does not make them last longer. */
export async function endAllBy(
  deps: OfferDeps,
  door: DoorRef,
  visitorId: string,
  untilMs: number,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  for (const one of await deps.credentials.ofDoor(door)) {
    const { validity, second } = one
    const isLonger = (validity.expiresAtMs ?? Number.POSITIVE_INFINITY) > untilMs
    if (one.visitorId !== visitorId || !isLonger || !isLive(one, nowMs)) continue
    if (untilMs <= nowMs) await withdraw(deps, one, { why: 'the visitor is no longer welcome' })
    else await changeTerms(deps, one, { validity: endedBy(validity, untilMs), second })
  }
}

export const endedBy = (validity: Validity, untilMs: number | null): Validity => ({
  ...validity,
  ...(untilMs !== null && {
    expiresAtMs: Math.min(validity.expiresAtMs ?? untilMs, untilMs),
  }),
})

/**
 * The live credentials of a door. Those from before its key was replaced are withdrawn: the door
 * cannot know their codes any more.
 */
export async function liveCredentials(
  deps: OfferDeps & Uses<'secrets'>,
  door: DoorRef,
): Promise<readonly StandingCredential[]> {
  const nowMs = deps.clock.nowMs()
  const live = (await deps.credentials.ofDoor(door)).filter((one) => isLive(one, nowMs))
  if (live.length === 0) return []
  const mark = markOf(await deps.secrets.doorKey(door.doorId))
  for (const one of live.filter(({ keyMark }) => keyMark !== mark)) {
    await withdraw(deps, one, { why: 'the key of the door was replaced' })
  }
  return live.filter(({ keyMark }) => keyMark === mark)
}

/** A link by which a person on file sets a PIN of their own at all doors. It works once. */
import { createHash } from 'node:crypto'
import type { Household } from '../members/core/household.ts'
import type { Way } from '../passcodes/core/grant.ts'
import type { PinLink, Uses } from '../ports.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import { endedBy } from './change-credential.ts'
import { grantIdFor } from './codes.ts'
import type { StandingCredential } from './core/credential.ts'
import { pinCounts, pinFlaw, tidyPin } from './core/pin.ts'
import { type DeliverDeps, type Delivered, deliverPinLink } from './deliver-credential.ts'
import { type SetDeps, type SetOutcome, setPin } from './set-credential.ts'

export const pinPath = '/pin/'
const lifeMs = 24 * 3_600_000

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

export async function sendPinLink(
  deps: DeliverDeps & Uses<'credentials' | 'webOrigin'>,
  home: Household,
  visitor: Visitor,
  way: Way,
): Promise<Delivered> {
  const token = deps.newId()
  const tokenSha256 = hashOf(token)
  const { household, visitorId } = visitor
  const expiresAtMs = deps.clock.nowMs() + lifeMs
  await deps.credentials.addPinLink({ tokenSha256, household, visitorId, expiresAtMs })
  // What is behind # reaches no server, and so no log.
  const link = `${deps.webOrigin}${pinPath}#t=${token}`
  return deliverPinLink(deps, home, visitor, { link, way, linkId: grantIdFor(tokenSha256, '') })
}

export type PinLinkDeps = SetDeps & Uses<'visitors'>

/** Null for a link that does not work, or not any more. Nothing is set if a door refuses the PIN. */
export async function setPinByLink(
  deps: PinLinkDeps,
  token: string,
  pin: string,
): Promise<SetOutcome | null> {
  const found = await findLink(deps, token)
  if (!found) return null
  const { link, home, visitor } = found
  const { visitorId, name, language } = visitor
  const nowMs = deps.clock.nowMs()
  const doors = home.doors.map(({ doorId }) => ({ household: home.household, doorId }))
  for (const door of doors) {
    const all = await deps.credentials.ofDoor(door)
    if (all.some((one) => isNewerPin(one, link))) return null
    const counts = pinCounts(all, nowMs)
    const flaw = pinFlaw(tidyPin(pin), counts)
    if (flaw) return { outcome: 'unfit', flaw }
  }
  const always = { notBeforeMs: nowMs, expiresAtMs: null, weeklyHours: [], visits: null }
  const validity = endedBy(always, visitor.welcomeUntilMs)
  if (validity.expiresAtMs !== null && validity.expiresAtMs <= nowMs) return null
  let outcome: SetOutcome | null = null
  for (const door of doors) {
    outcome = await setPin(
      deps,
      {
        ...{ door, formId: link.tokenSha256 },
        ...{ holder: { visitorId, name, language }, by: `visitor ${visitorId}`, purpose: 'pin' },
        ...{ validity, second: null },
      },
      pin,
    )
    if (outcome.outcome !== 'set') return outcome
  }
  return outcome
}

/** A PIN that was set since ends the links from before, which may lie in a forgotten text. */
const isNewerPin = (one: StandingCredential, link: PinLink): boolean =>
  one.visitorId === link.visitorId &&
  one.purpose === 'pin' &&
  one.createdAtMs > link.expiresAtMs - lifeMs &&
  one.grantId !== grantIdFor(link.tokenSha256, one.doorId)

async function findLink(
  deps: PinLinkDeps,
  token: string,
): Promise<{
  readonly link: PinLink
  readonly home: Household
  readonly visitor: Visitor
} | null> {
  const link = await deps.credentials.pinLink(hashOf(token))
  if (!link || link.expiresAtMs <= deps.clock.nowMs()) return null
  const [home, visitor] = await Promise.all([
    deps.household(link.household),
    deps.visitors.find(link.household, link.visitorId),
  ])
  return home && visitor && !visitor.blocked ? { link, home, visitor } : null
}

/** A new credential: a PIN that a person chose, or a code that is made for a guest or courier. */
import { leastDigitsOfNextPin } from '../../protocol/guessing.ts'
import type { Language } from '../../protocol/messages/shared.ts'
import { derivePasscode, oneTimeDigits, type PasscodeDigits } from '../../protocol/passcode.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { doorOf } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'
import { withdraw } from './change-credential.ts'
import { grantIdFor, markOf, tagOfCode } from './codes.ts'
import {
  type Booking,
  isLive,
  type Purpose,
  type StandingCredential,
  type Terms,
} from './core/credential.ts'
import { digitsOf, type PinFlaw, pinCounts, pinFlaw, pinLimits, tidyPin } from './core/pin.ts'
import { offer } from './offer.ts'

export type SetDeps = Uses<
  'credentials' | 'household' | 'idempotency' | 'secrets' | 'doors' | 'introductions'
>

export interface NewCredential extends Terms {
  readonly door: DoorRef
  /** Comes with the form, so that a form that is sent twice sets one. */
  readonly formId: string
  readonly holder: {
    readonly visitorId: string
    readonly name: string
    readonly language: Language
  }
  readonly by: string
  readonly booking?: Booking
}

export type SetOutcome =
  | { readonly outcome: 'set'; readonly credential: StandingCredential }
  | { readonly outcome: 'unfit'; readonly flaw: PinFlaw }
  | { readonly outcome: 'in-use' | 'too-many-tries' | 'sent-before' | 'full' | 'unknown-door' }

/** The PIN itself is not stored. */
export async function setPin(
  deps: SetDeps,
  asked: NewCredential & { readonly purpose: 'pin' | 'duress' },
  typed: string,
): Promise<SetOutcome> {
  const pin = tidyPin(typed)
  const { door, holder, purpose } = asked
  if (!doorOf(await deps.household(door.household), door.doorId)) return { outcome: 'unknown-door' }
  const nowMs = deps.clock.nowMs()
  const [key, all] = await Promise.all([
    deps.secrets.doorKey(door.doorId),
    deps.credentials.ofDoor(door),
  ])
  const grantId = grantIdFor(asked.formId, door.doorId)
  const tag = tagOfCode(key, pin)
  const sent = all.find((one) => one.grantId === grantId)
  if (sent) return sent.tag === tag ? offered(deps, sent) : { outcome: 'sent-before' }
  const flaw = pinFlaw(pin, pinCounts(all, nowMs))
  const digits = digitsOf(pin)
  if (flaw || digits === null) return { outcome: 'unfit', flaw: flaw ?? { flaw: 'not-digits' } }
  if (!(await deps.idempotency.allows(`pins#${door.doorId}`, pinLimits, nowMs))) {
    deps.log.warn({ doorId: door.doorId, by: asked.by }, 'PIN refused: too many tries')
    return { outcome: 'too-many-tries' }
  }
  const made = credentialFor(asked, { grantId, purpose, digits, tag, key, nowMs })
  const answer = await deps.credentials.add(made)
  if (answer === 'code-in-use') {
    deps.log.warn({ doorId: door.doorId, by: asked.by }, 'PIN refused: in use')
    return { outcome: 'in-use' }
  }
  if (answer === 'exists') return setPin(deps, asked, pin)
  // One that the door never stored need not wait until it has stored this one.
  const unstored = all.filter(
    (one) =>
      one.visitorId === holder.visitorId &&
      one.purpose === purpose &&
      one.storedAtMs === null &&
      isLive(one, nowMs),
  )
  for (const one of unstored) await withdraw(deps, one, { why: 'a new PIN was set' })
  return offered(deps, made)
}

async function offered(deps: SetDeps, credential: StandingCredential): Promise<SetOutcome> {
  await offer(deps, credential)
  const { doorId, grantId } = credential
  // Not for which purpose: those who read logs need not know of a duress PIN.
  deps.log.info({ doorId, grantId }, 'credential set')
  return { outcome: 'set', credential }
}

/** After so many collisions the door has too many live codes to find a free one by chance. */
const tries = 20

export async function makeCode(
  deps: SetDeps,
  asked: NewCredential & { readonly purpose: 'guest' | 'courier' },
): Promise<SetOutcome> {
  const { door, purpose } = asked
  if (!doorOf(await deps.household(door.household), door.doorId)) return { outcome: 'unknown-door' }
  const nowMs = deps.clock.nowMs()
  const [key, all] = await Promise.all([
    deps.secrets.doorKey(door.doorId),
    deps.credentials.ofDoor(door),
  ])
  const least = leastDigitsOfNextPin(pinCounts(all, nowMs))
  if (least === null) return { outcome: 'full' }
  const digits = least > oneTimeDigits ? least : oneTimeDigits
  for (let nth = 0; nth < tries; nth += 1) {
    const grantId = grantIdFor(asked.formId, door.doorId, nth)
    const tag = tagOfCode(key, derivePasscode(key, grantId, digits))
    const made = credentialFor(asked, { grantId, purpose, digits, tag, key, nowMs })
    const answer = await deps.credentials.add(made)
    if (answer === 'code-in-use') continue
    const stored = answer === 'added' ? made : await deps.credentials.find(made)
    if (stored) return offered(deps, stored)
  }
  return { outcome: 'full' }
}

interface Made {
  readonly grantId: string
  readonly purpose: Purpose
  readonly digits: PasscodeDigits
  readonly tag: string
  readonly key: Uint8Array
  readonly nowMs: number
}

const credentialFor = (
  { door: { household, doorId }, holder, validity, second, by, booking }: NewCredential,
  { grantId, purpose, digits, tag, key, nowMs }: Made,
): StandingCredential => ({
  ...{ household, doorId, grantId, purpose, digits, tag, second },
  // A door refuses a counted code from before its memory: it may have been used then.
  validity: { ...validity, notBeforeMs: Math.max(validity.notBeforeMs, nowMs) },
  ...{ visitorId: holder.visitorId, name: holder.name, language: holder.language },
  ...{ keyMark: markOf(key), isDerived: purpose === 'guest' || purpose === 'courier' },
  ...{ revision: 1, booking: booking ?? null, createdAtMs: nowMs, createdBy: by },
  ...{ offeredAtMs: nowMs, storedAtMs: null, refused: null, withdrawn: null, goneAtMs: null },
  uses: { visits: 0, firstAtMs: null, lastAtMs: null },
})

/** A standing credential of a door, and how far it has come: offered, stored at the door, withdrawn. */
import type { Credential, Validity } from '../../../protocol/messages/cloud.ts'
import type { GrantRefusal } from '../../../protocol/messages/door.ts'
import type { Language } from '../../../protocol/messages/shared.ts'
import type { PasscodeDigits } from '../../../protocol/passcode.ts'
import type { DoorRef } from '../../doors/core/door-ref.ts'

export const purposes = ['pin', 'duress', 'guest', 'courier'] as const
export type Purpose = (typeof purposes)[number]

/** Chosen by a person, so that a new one replaces the old. */
export const isChosen = (purpose: Purpose): boolean => purpose === 'pin' || purpose === 'duress'

export interface CredentialRef extends DoorRef {
  readonly grantId: string
}

export interface StandingCredential extends CredentialRef {
  readonly purpose: Purpose
  /** A person on file, or an id of its own for one who is not. The door knows its holder by it. */
  readonly visitorId: string
  readonly name: string
  readonly language: Language
  readonly digits: PasscodeDigits
  /** `passcodeTag` of the code, in hex. */
  readonly tag: string
  /** Which door key the tag was made with. */
  readonly keyMark: string
  /** The code follows from the grant id, so it can be shown again. */
  readonly isDerived: boolean
  readonly validity: Validity
  readonly second: 'face' | null
  /** Counts the changes of its terms. */
  readonly revision: number
  /** The booking that it was made for. */
  readonly booking: Booking | null
  readonly createdAtMs: number
  readonly createdBy: string
  /** When the cloud last sent it to the door. */
  readonly offeredAtMs: number
  /** When the door reported that it has it, on these terms. */
  readonly storedAtMs: number | null
  readonly refused: { readonly reason: GrantRefusal; readonly atMs: number } | null
  readonly withdrawn: { readonly atMs: number; readonly why: string } | null
  /** When the door reported that it does not have it any more. */
  readonly goneAtMs: number | null
  readonly uses: CredentialUses
}

export interface Booking {
  readonly calendarId: string
  /** The hash of its UID in the calendar. */
  readonly uid: string
}

interface CredentialUses {
  readonly visits: number
  readonly firstAtMs: number | null
  readonly lastAtMs: number | null
}

/** What may change without a new code. */
export interface Terms {
  readonly validity: Validity
  readonly second: StandingCredential['second']
}

export type LiveParts = Pick<StandingCredential, 'withdrawn' | 'validity' | 'uses'>

/** Null: it has no end. */
export function endOf({ withdrawn, validity, uses }: LiveParts): number | null {
  const { expiresAtMs, endsAfterFirstUseMs } = validity
  const afterUseMs =
    endsAfterFirstUseMs === undefined || uses.firstAtMs === null
      ? null
      : uses.firstAtMs + endsAfterFirstUseMs
  const ends = [withdrawn?.atMs ?? null, expiresAtMs, afterUseMs].filter((end) => end !== null)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** Whether the door should have it. One with all its visits used stays: it is a reason to refuse. */
export const isLive = (credential: LiveParts, nowMs: number): boolean =>
  (endOf(credential) ?? Number.POSITIVE_INFINITY) > nowMs

/** The name of a booking may be anything; it is for owners only. */
const guestNames: Readonly<Record<Language, string>> = {
  ...{ en: 'Guest', de: 'Gast', es: 'Huésped', fr: 'Invité' },
}

export const publicNameOf = ({
  booking,
  name,
  language,
}: Pick<StandingCredential, 'booking' | 'name' | 'language'>): string =>
  booking ? guestNames[language] : name

export const messageOf = (credential: StandingCredential): Credential => {
  const name = publicNameOf(credential)
  const { grantId, visitorId, language, digits, tag, isDerived, validity, second, purpose } =
    credential
  return {
    ...{ grantId, kind: 'standing', visitId: null, digits, validity },
    holder: { visitorId, name, language },
    tag: isDerived ? null : tag,
    ...(second && { second }),
    flags: purpose === 'duress' ? ['duress'] : [],
  }
}

// ---------------------------------------------------------------- at the door?

/** After this without an answer, the pages say why. */
const answeredWithinMs = 60_000

export type DeliveryState =
  | { readonly is: 'waiting' | 'stored' | 'over' }
  | { readonly is: 'refused'; readonly reason: GrantRefusal }
  /** `withdrawing`: the door still accepts it until it is connected again. */
  | { readonly is: 'no-answer' | 'withdrawing'; readonly why: 'too-old' | 'offline' }

/** `isSupported`: the door declared that it knows standing credentials. */
export function deliveryOf(
  credential: StandingCredential,
  nowMs: number,
  isSupported: boolean,
): DeliveryState {
  const { storedAtMs, refused, withdrawn, goneAtMs, offeredAtMs } = credential
  const why = isSupported ? 'offline' : 'too-old'
  if (withdrawn && goneAtMs === null && mayBeAtDoor(credential, nowMs)) {
    return { is: 'withdrawing', why }
  }
  if (!isLive(credential, nowMs)) return { is: 'over' }
  if (refused) return { is: 'refused', reason: refused.reason }
  if (storedAtMs !== null) return { is: 'stored' }
  if (!isSupported) return { is: 'no-answer', why }
  return nowMs - offeredAtMs < answeredWithinMs ? { is: 'waiting' } : { is: 'no-answer', why }
}

/** Its own terms may have ended it since. */
const mayBeAtDoor = (credential: StandingCredential, nowMs: number): boolean =>
  credential.refused === null && isLive({ ...credential, withdrawn: null }, nowMs)

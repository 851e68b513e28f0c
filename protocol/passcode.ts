/**
 * How a one-time passcode follows from a grant. Door and cloud both hold the door's key and the
 * grant's id, so each can work out the code when it needs it and neither has to keep it.
 */
import { createHmac, type KeyObject } from 'node:crypto'

/** What a credential may have. How long each kind must be: `guessing.ts`. */
export const passcodeDigits = [6, 7, 8, 9, 10, 12] as const
export type PasscodeDigits = (typeof passcodeDigits)[number]

/** Shorter ones could be guessed: docs/decisions/42. */
export const oneTimeDigits = 8
export const pinDigits = [6, 7, 8, 9, 10] as const
export const breakGlassDigits = 12

/** As people read it, in two halves: `1234 5678`. */
export const grouped = (code: string): string =>
  `${code.slice(0, code.length / 2)} ${code.slice(code.length / 2)}`

export const doorKeyBytes = 32

/** As bytes Node makes a key object of it anew for every code, which takes longer than the hash. */
export type DoorKey = Uint8Array | KeyObject

/**
 * Twelve digits out of 64 bits leave a bias below one in 10^7, so a plain remainder is as good as
 * an even draw.
 */
export function derivePasscode(doorKey: DoorKey, grantId: string, digits: PasscodeDigits): string {
  const digest = createHmac('sha256', doorKey).update(`passcode ${grantId}`).digest()
  const number = digest.readBigUInt64BE(0) % 10n ** BigInt(digits)
  return number.toString().padStart(digits, '0')
}

/**
 * The name under which a code can be looked up and kept unique without being kept itself: useless
 * to anyone who does not have the door's key.
 */
export function passcodeTag(doorKey: DoorKey, code: string): Buffer {
  return createHmac('sha256', doorKey).update(`live ${code}`).digest()
}

/** Which PINs a person may choose. */
import { leastDigitsOfNextPin, type PinCounts } from '../../../protocol/guessing.ts'
import { type PasscodeDigits, pinDigits } from '../../../protocol/passcode.ts'
import type { Limit } from '../../passcodes/core/grant.ts'
import { isLive, type StandingCredential } from './credential.ts'

export type PinFlaw =
  | { readonly flaw: 'missing' | 'not-digits' | 'too-easy' | 'full' }
  | { readonly flaw: 'too-short'; readonly least: PasscodeDigits; readonly pins: number }
  | { readonly flaw: 'too-long'; readonly most: PasscodeDigits }

const most = Math.max(...pinDigits)

/** Spaces are for reading. */
export const tidyPin = (typed: string): string => typed.replace(/[\s-]/g, '')

/** `counts`: the standing credentials that the door has. */
export function pinFlaw(pin: string, counts: PinCounts): PinFlaw | null {
  const least = leastDigitsOfNextPin(counts)
  if (pin === '') return { flaw: 'missing' }
  if (!/^\d+$/.test(pin)) return { flaw: 'not-digits' }
  if (least === null) return { flaw: 'full' }
  if (pin.length < least) return { flaw: 'too-short', least, pins: pinsIn(counts) }
  const digits = digitsOf(pin)
  if (digits === null) return { flaw: 'too-long', most: most as PasscodeDigits }
  return isGuessedFirst(pin) ? { flaw: 'too-easy' } : null
}

export const digitsOf = (pin: string): PasscodeDigits | null =>
  pinDigits.find((digits) => digits === pin.length) ?? null

const pinsIn = (counts: PinCounts): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** What a stranger tries first: one digit, a run, or a few digits again and again. */
function isGuessedFirst(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, nth) => (Number(digit) - Number(pin[nth]) + 10) % 10)
  if (new Set(steps).size === 1) return true
  return [2, 3].some(
    (length) => pin === pin.slice(0, length).padEnd(pin.length, pin.slice(0, length)),
  )
}

/** As the door counts them. */
export function pinCounts(credentials: readonly StandingCredential[], nowMs: number): PinCounts {
  const counts: { [digits in PasscodeDigits]?: number } = {}
  for (const one of credentials) {
    if (isLive(one, nowMs)) counts[one.digits] = (counts[one.digits] ?? 0) + 1
  }
  return counts
}

const hourMs = 3_600_000

/**
 * Whether a PIN is in use is an answer about other people's codes. So few tries make a search
 * hopeless: see docs/decisions.
 */
export const pinLimits = [
  { count: 10, withinMs: hourMs },
  { count: 20, withinMs: 24 * hourMs },
] as const satisfies readonly Limit[]

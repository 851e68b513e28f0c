/**
 * How likely it is that a stranger guesses a credential of a door within a day, from what the door's
 * lockout allows. The reasoning is in docs/decisions/42.
 */
import { oneTimeDigits, type PasscodeDigits, passcodeDigits } from './passcode.ts'

/** The most wrong codes that a door judges in any 24 hours, against each kind of credential. */
export const wrongCodesPerDay = { oneTime: 2_900, standing: 10 } as const

/** One-time codes that are live at the same time, all day long: more than any household sends. */
export const oneTimeCodes = 3

/** At most one day in ten thousand, for all live credentials together. */
export const guessedPerDayAtMost = 1e-4

/** With standing PINs of `digits` digits: the sum over all credentials, which is an upper bound. */
export function guessedPerDay(pins: number, digits: PasscodeDigits): number {
  const codes = 10 ** oneTimeDigits
  // Whole numbers until the end, so that a sum at the very bound is not above it.
  const oneTime = wrongCodesPerDay.oneTime * oneTimeCodes
  const standing = wrongCodesPerDay.standing * pins * 10 ** (oneTimeDigits - digits)
  return (oneTime + standing) / codes
}

/** How long standing PINs must be when a door has so many of them. Null: it has too many. */
export const leastPinDigits = (pins: number): PasscodeDigits | null =>
  passcodeDigits.find((digits) => guessedPerDay(pins, digits) <= guessedPerDayAtMost) ?? null

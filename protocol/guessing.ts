/**
 * How likely it is that a stranger guesses a credential of a door within a day, from what the door's
 * lockout allows. The reasoning is in docs/decisions/42 and 54.
 */
import { breakGlassCodes } from './break-glass.ts'
import {
  breakGlassDigits,
  oneTimeDigits,
  type PasscodeDigits,
  passcodeDigits,
  pinDigits,
} from './passcode.ts'

/** The most wrong codes that a door judges in any 24 hours, against each kind of credential. */
export const wrongCodesPerDay = { oneTime: 2_900, standing: 10 } as const

/** One-time codes that are live at the same time, all day long: more than any household sends. */
export const oneTimeCodes = 3

/** At most one day in ten thousand, for all live credentials together. */
export const guessedPerDayAtMost = 1e-4

/** How many live standing credentials have so many digits. */
export type PinCounts = { readonly [digits in PasscodeDigits]?: number }

/** The sum over all kinds, which is an upper bound. */
export function guessedPerDay(pins: PinCounts): number {
  // Whole numbers until the end, so that a sum at the very bound is not above it.
  const oneTime = wrongCodesPerDay.oneTime * oneTimeCodes * shareOf(oneTimeDigits)
  // They work when PINs rest, too.
  const breakGlass = wrongCodesPerDay.oneTime * breakGlassCodes * shareOf(breakGlassDigits)
  // A code that is typed has one length, so it can only be a PIN of that length.
  const likeliest = Math.max(
    ...passcodeDigits.map((digits) => (pins[digits] ?? 0) * shareOf(digits)),
  )
  const standing = wrongCodesPerDay.standing * likeliest
  return (oneTime + breakGlass + standing) / 10 ** breakGlassDigits
}

const shareOf = (digits: PasscodeDigits): number => 10 ** (breakGlassDigits - digits)

export const isHardToGuess = (pins: PinCounts): boolean =>
  guessedPerDay(pins) <= guessedPerDayAtMost

/** How long one more PIN must be, beside these. Null: the door has too many. */
export const leastDigitsOfNextPin = (pins: PinCounts): PasscodeDigits | null =>
  pinDigits.find((digits) => isHardToGuess({ ...pins, [digits]: (pins[digits] ?? 0) + 1 })) ?? null

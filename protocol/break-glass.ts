/**
 * A break-glass sheet: single-use codes on paper, for when nothing else works. They follow from the
 * door's key and the sheet's id, so door and cloud can each print them and neither stores one.
 */
import { breakGlassDigits, type DoorKey, derivePasscode } from './passcode.ts'

/** On one sheet. How likely it is that one of them is guessed: `guessing.ts`. */
export const breakGlassCodes = 10

/** The last two digits are the number of the code on the sheet. */
const sheetDigits = 30

export const breakGlassGrants = (sheetId: string): readonly string[] =>
  Array.from(
    { length: breakGlassCodes },
    (_, index) => `${sheetId.slice(0, sheetDigits)}${String(index + 1).padStart(2, '0')}`,
  )

export const breakGlassNumber = (grantId: string): number => Number(grantId.slice(sheetDigits))

/** In the order of their numbers on the sheet. */
export const breakGlassSheet = (doorKey: DoorKey, sheetId: string): readonly string[] =>
  breakGlassGrants(sheetId).map((grantId) => derivePasscode(doorKey, grantId, breakGlassDigits))

/** As people read it: `1234 5678 9012`. */
export const inFours = (code: string): string => code.replace(/(?<=.)(?=(?:.{4})+$)/g, ' ')

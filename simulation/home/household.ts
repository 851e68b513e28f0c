/** The made-up household that lives in the simulation: one door, one owner. */
import type { Household } from '../../cloud/members/core/household.ts'
import { oneTimeDigits } from '../../protocol/passcode.ts'

export const household = 'maple-street'
export const doorId = `${household}_front`
export const doorName = 'Front door'

const { timeZone } = Intl.DateTimeFormat().resolvedOptions()

export const maple: Household = {
  household,
  name: 'Maple Street 4',
  owners: [{ email: 'owner@example.org', language: 'en' }],
  countries: ['US', 'GB', 'DE', 'ES', 'FR'],
  timeZone,
  lists: [],
  doors: [
    {
      doorId,
      name: doorName,
      revision: 1,
      settings: {
        unlockHoldMs: 5_000,
        heldOpenAfterMs: 60_000,
        language: 'en',
        passcodeDigits: oneTimeDigits,
        timeZone,
      },
    },
  ],
}

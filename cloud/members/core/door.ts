/** A door as it is when it is new. */
import type { Settings } from '../../../protocol/messages/cloud.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import type { Door } from './household.ts'

export const newDoor = (
  doorId: string,
  name: string,
  settings: Pick<Settings, 'timeZone' | 'language'>,
): Door => ({
  ...{ doorId, name, revision: 1 },
  settings: {
    ...{ unlockHoldMs: 5_000, heldOpenAfterMs: 60_000, passcodeDigits: oneTimeDigits },
    ...settings,
  },
})

/** What the keypad page is sent: what the core decides, the QR code, and options of the config file. */

import type { KeypadOptions, KeypadState } from '../../../protocol/keypad-api.ts'
import type { DoorKey } from '../../../protocol/passcode.ts'
import { presenceProof, presenceWindow, presenceWindowMs } from '../../../protocol/presence.ts'
import type { DoorState } from '../../core/door/state.ts'
import { keypadView } from '../../core/keypad/keypad-view.ts'
import { modeAt } from '../../core/mode/mode.ts'
import { earliestNowMs, isConfirmed } from '../../core/time/trusted-time.ts'

export interface KeypadSettings extends KeypadOptions {
  /** Where the pages of the cloud are; null: no QR code is shown. */
  readonly pagesOrigin: string | null
}

export const usualKeypad: KeypadSettings = {
  pagesOrigin: null,
  shuffle: false,
  longPress: false,
  speech: false,
}

interface Named {
  readonly doorId: string
  readonly doorName: string
  readonly doorKey: DoorKey
}

export const keypadState = (
  door: Named,
  { pagesOrigin, shuffle, longPress, speech }: KeypadSettings,
  state: DoorState,
  uptimeMs: number,
): KeypadState => ({
  ...keypadView(state, door.doorName, uptimeMs),
  scan: pagesOrigin === null ? null : scanAddress(pagesOrigin, door, state, uptimeMs),
  options: { shuffle, longPress, speech },
})

/**
 * Only where ringing by phone can lead to an entry: the cloud is reached, codes are judged, and
 * there is a visit, which the question to the owner belongs to.
 */
function scanAddress(
  origin: string,
  { doorId, doorKey }: Named,
  state: DoorState,
  uptimeMs: number,
): string | null {
  const { link, time } = state
  const { visit } = state.visits
  if (!visit || !link.online || !isConfirmed(time)) return null
  if (['locked', 'privacy'].includes(modeAt(state, uptimeMs))) return null
  const { visitId, number: visitNumber } = visit
  const window = presenceWindow(earliestNowMs(time, uptimeMs))
  return `${origin}/ring?${presenceProof(doorKey, { doorId, visitId, visitNumber, window })}`
}

/** Until the QR code changes. */
export const scanLeftMs = ({ time }: DoorState, uptimeMs: number): number =>
  presenceWindowMs - (earliestNowMs(time, uptimeMs) % presenceWindowMs)

/** What the keypad page shows. Everyone at the door can read it. */

import type { KeypadView } from '../../../protocol/keypad-api.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import { pausedForMs } from '../credentials/lockout.ts'
import { type DoorState, settingsOf } from '../door/state.ts'
import { isOpen } from '../lock/answer.ts'
import { modeAt } from '../mode/mode.ts'
import { isConfirmed } from '../time/trusted-time.ts'

export function keypadView(state: DoorState, doorName: string, uptimeMs: number): KeypadView {
  const { language } = settingsOf(state)
  const pausedFor = pausedForMs(state.lockout, uptimeMs)
  return {
    doorName,
    language,
    digits: oneTimeDigits,
    lock: isOpen(state) ? 'unlocked' : 'locked',
    keypad: keypadOf(state, uptimeMs, pausedFor),
    pausedForMs: pausedFor,
    online: state.link.online,
    visit: visitView(state),
  }
}

function keypadOf(state: DoorState, uptimeMs: number, pausedFor: number): KeypadView['keypad'] {
  const mode = modeAt(state, uptimeMs)
  if (mode === 'locked') return 'shut'
  // Holiday mode is not shown: it would say that no one is at home.
  if (mode === 'privacy') return pausedFor > 0 ? 'paused' : 'private'
  if (!isConfirmed(state.time)) return 'clock-unknown'
  return pausedFor > 0 ? 'paused' : 'ready'
}

const visitView = ({ visits: { visit } }: DoorState): KeypadView['visit'] =>
  visit && { number: visit.number, status: visit.status }

/** What the keypad page shows. Everyone at the door can read it. */
import type { KeypadView } from '../../../protocol/keypad-api.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import { pausedForMs } from '../credentials/lockout.ts'
import { type DoorState, settingsOf } from '../door/state.ts'
import { isOpen } from '../lock/answer.ts'
import { isConfirmed } from '../time/trusted-time.ts'

export function keypadView(state: DoorState, doorName: string, uptimeMs: number): KeypadView {
  const { language } = settingsOf(state)
  const pausedFor = pausedForMs(state.lockout, uptimeMs)
  return {
    doorName,
    language,
    digits: oneTimeDigits,
    lock: isOpen(state) ? 'unlocked' : 'locked',
    keypad: keypadOf(state, pausedFor),
    pausedForMs: pausedFor,
    online: state.link.online,
    visit: visitView(state),
  }
}

function keypadOf({ rules, time }: DoorState, pausedFor: number): KeypadView['keypad'] {
  if (rules.mode === 'locked') return 'shut'
  if (!isConfirmed(time)) return 'clock-unknown'
  return pausedFor > 0 ? 'paused' : 'ready'
}

const visitView = ({ visits: { visit } }: DoorState): KeypadView['visit'] =>
  visit && { number: visit.number, status: visit.status }

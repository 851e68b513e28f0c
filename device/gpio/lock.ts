/** The relay on a pin. Whatever is wired behind it: while the pin is on, the door can be opened. */

import type { Cancel, Clock, Lock } from '../daemon/ports.ts'
import type { OutputLine } from './pins.ts'

export interface RelayRules {
  readonly lockType: LockType
  /** How long a motor lock's own electronics want to be asked; it locks again by itself. */
  readonly pulseMs: number
  /** A coil that is on for longer gets hot, however often somebody opens. */
  readonly maxOnMs: number
}
export type LockType = 'strike' | 'maglock' | 'motor'

export interface GpioLockDeps {
  readonly relay: OutputLine
  readonly rules: RelayRules
  readonly clock: Clock
}

/** The door itself closes the lock in time and writes that down; this is for when it does not. */
const lateMs = 50
/** And this for when the whole process does not. */
const guardLateMs = 500

export class LockUnreachable extends Error {
  override readonly name = 'LockUnreachable'
  readonly code = 'LOCK_UNREACHABLE'
}

export function gpioLock({ relay, rules, clock }: GpioLockDeps): Lock {
  let cancelClose: Cancel = () => {}
  let onSinceMs: number | null = null

  function close(): void {
    cancelClose()
    onSinceMs = null
    relay.off()
  }

  return {
    open(holdMs) {
      if (!relay.ready()) throw new LockUnreachable('The relay cannot be reached.')
      const nowMs = clock.monotonicMs()
      onSinceMs ??= nowMs
      const forMs = onForMs(rules, holdMs, nowMs - onSinceMs)
      if (forMs <= 0) return
      cancelClose()
      relay.on(forMs + guardLateMs)
      cancelClose = clock.after(forMs + lateMs, close)
    },
    close,
    reachable: () => relay.ready(),
  }
}

function onForMs({ lockType, pulseMs, maxOnMs }: RelayRules, holdMs: number, hasBeenMs: number) {
  const wantedMs = lockType === 'motor' ? pulseMs : holdMs
  // A magnet is held by the contact that this relay opens, so nothing gets hot.
  return lockType === 'maglock' ? wantedMs : Math.min(wantedMs, maxOnMs - hasBeenMs)
}

/** The lock on a relay pin: while the pin is on, the door can be opened. */
import type { Cancel, Clock, Lock } from '../daemon/ports.ts'
import type { OutputLine } from './pins.ts'

export interface RelayRules {
  readonly lockType: 'strike' | 'maglock' | 'motor'
  /** For a motor lock, whose own electronics lock again. */
  readonly pulseMs: number
  /** Limits how hot a coil gets, however often the door is opened. */
  readonly maxOnMs: number
}

/** The daemon closes the lock in time and records it. This much later the lock closes itself. */
const lateMs = 50
/** And this much later the guard closes it, if the whole process hangs. */
const guardLateMs = 500

class LockUnreachable extends Error {
  override readonly name = 'LockUnreachable'
  readonly code = 'LOCK_UNREACHABLE'
}

export function gpioLock(relay: OutputLine, rules: RelayRules, clock: Clock): Lock {
  let cancelClose: Cancel = () => {}
  let onSinceMs: number | null = null

  function close(): void {
    cancelClose()
    onSinceMs = null
    relay.off()
  }

  return {
    // A motor lock gets a pulse, and the relay of a magnet opens its circuit.
    ...(rules.lockType === 'strike' && { coilMaxOnMs: rules.maxOnMs }),
    open(holdMs) {
      if (!relay.ready()) throw new LockUnreachable('The relay cannot be reached.')
      const nowMs = clock.monotonicMs()
      onSinceMs ??= nowMs
      const forMs = allowedMs(rules, holdMs, nowMs - onSinceMs)
      if (forMs <= 0) return undefined
      cancelClose()
      cancelClose = clock.after(forMs + lateMs, close)
      return relay.on(forMs + guardLateMs)
    },
    close,
    reachable: () => relay.ready(),
  }
}

function allowedMs({ lockType, pulseMs, maxOnMs }: RelayRules, holdMs: number, alreadyMs: number) {
  const wantedMs = lockType === 'motor' ? pulseMs : holdMs
  // The relay of a magnet opens its circuit, so nothing gets hot.
  return lockType === 'maglock' ? wantedMs : Math.min(wantedMs, maxOnMs - alreadyMs)
}

/** The clock of the simulated world, except for the door's own computer. */
import type { Cancel, Clock } from '../../device/daemon/ports.ts'
import { ShiftableTime } from './shiftable-time.ts'

export interface SteerableClock extends Clock {
  nowMs(): number
  skip(ms: number): void
  /** How far it is ahead of real time. */
  aheadMs(): number
}

/** Starts as far ahead as when it was last used: time never runs backwards over a restart. */
export function steerableClock(startAheadMs = 0): SteerableClock {
  const time = new ShiftableTime()
  let aheadMs = startAheadMs
  const nowMs = () => Math.round(Date.now() + aheadMs)
  return {
    nowMs,
    wallMs: nowMs,
    monotonicMs: () => Math.floor(time.passedMs()),
    boot: () => null,
    confirmed: () => 'host',
    after(delayMs, action): Cancel {
      const timer = time.timer(action, delayMs)
      return () => void timer.close()
    },
    skip(ms) {
      aheadMs += ms
      time.skip(ms)
    },
    aheadMs: () => aheadMs,
  }
}

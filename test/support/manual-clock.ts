/** A clock that only a test moves. */
import type { Clock } from '../../device/daemon/ports.ts'

export interface ManualClock extends Clock {
  /** Fires the timers that become due in order, each at its own time. */
  advance(byMs: number): void
  /** Sets the wall clock and leaves the monotonic clock alone. */
  setWall(toMs: number): void
  confirm(source: 'ntp' | 'host' | null): void
  /** The number of timers, to check that none is left. */
  pending(): number
}

interface Timer {
  readonly dueMs: number
  readonly action: () => void
}

export function manualClock(startsAtMs = Date.UTC(2026, 5, 1, 12)): ManualClock {
  let monotonicMs = 0
  let wallMs = startsAtMs
  let confirmed: 'ntp' | 'host' | null = 'host'
  const timers = new Set<Timer>()

  const moveTo = (toMs: number) => {
    wallMs += toMs - monotonicMs
    monotonicMs = toMs
  }

  return {
    monotonicMs: () => monotonicMs,
    boot: () => null,
    wallMs: () => wallMs,
    confirmed: () => confirmed,
    after(delayMs, action) {
      const timer = { dueMs: monotonicMs + Math.max(0, delayMs), action }
      timers.add(timer)
      return () => timers.delete(timer)
    },

    advance(byMs) {
      const endMs = monotonicMs + byMs
      for (let next = firstDue(timers, endMs); next; next = firstDue(timers, endMs)) {
        timers.delete(next)
        moveTo(next.dueMs)
        next.action()
      }
      moveTo(endMs)
    },
    setWall(toMs) {
      wallMs = toMs
    },
    confirm(source) {
      confirmed = source
    },
    pending: () => timers.size,
  }
}

/** The earliest due timer; of two that are due together, the one that was set first. */
function firstDue(timers: Iterable<Timer>, endMs: number): Timer | null {
  let first: Timer | null = null
  for (const timer of timers) {
    if (timer.dueMs <= endMs && (!first || timer.dueMs < first.dueMs)) first = timer
  }
  return first
}

/** This machine's clocks. */
import { existsSync } from 'node:fs'
import type { Cancel, Clock } from '../daemon/ports.ts'

export interface SystemClockOptions {
  /**
   * `host`: a computer that keeps its time when it is off. `ntp`: a Pi, which does not, and is to
   * be believed only once systemd-timesyncd has set its time since it was switched on.
   */
  readonly source: 'host' | 'ntp'
  readonly syncedMarkPath?: string
}

const timesyncdMarkPath = '/run/systemd/timesync/synchronized'

/** Node takes a longer delay for none at all. */
const longestTimerMs = 2 ** 31 - 1

export function systemClock({
  source,
  syncedMarkPath = timesyncdMarkPath,
}: SystemClockOptions): Clock {
  let synced = false
  const monotonicMs = () => Math.floor(performance.now())
  return {
    monotonicMs,
    wallMs: () => Date.now(),
    confirmed() {
      if (source === 'host') return 'host'
      // The mark stays until the machine is switched off, so it is looked for only until found.
      synced ||= existsSync(syncedMarkPath)
      return synced ? 'ntp' : null
    },
    after: (delayMs, action) => timer(monotonicMs, monotonicMs() + delayMs, action),
  }
}

/** Never early by `monotonicMs`, as Node's own timers can be by a fraction, nor lost by being long. */
function timer(monotonicMs: () => number, dueMs: number, action: () => void): Cancel {
  let timeout: NodeJS.Timeout
  const wait = () => {
    const leftMs = Math.max(0, Math.min(dueMs - monotonicMs(), longestTimerMs))
    timeout = setTimeout(() => (monotonicMs() < dueMs ? wait() : action()), leftMs)
  }
  wait()
  return () => clearTimeout(timeout)
}

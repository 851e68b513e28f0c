/** The clocks of this computer. */
import { existsSync } from 'node:fs'
import type { Cancel, Clock } from '../daemon/ports.ts'

interface SystemClockOptions {
  /**
   * `host`: a computer whose clock runs while it is off. `ntp`: a Pi, whose time is trusted only
   * after systemd-timesyncd has set it since the last boot.
   */
  readonly source: 'host' | 'ntp'
  readonly syncedMarkPath?: string
}

const timesyncdMarkPath = '/run/systemd/timesync/synchronized'

/** Node treats a longer delay as none. */
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
      // The mark stays until the next boot, so it is not checked again.
      synced ||= existsSync(syncedMarkPath)
      return synced ? 'ntp' : null
    },
    after: (delayMs, action) => timer(monotonicMs, monotonicMs() + delayMs, action),
  }
}

/** Unlike Node's own timers, never early by `monotonicMs`, and of any length. */
function timer(monotonicMs: () => number, dueMs: number, action: () => void): Cancel {
  let timeout: NodeJS.Timeout
  const wait = () => {
    const leftMs = Math.max(0, Math.min(dueMs - monotonicMs(), longestTimerMs))
    timeout = setTimeout(() => (monotonicMs() < dueMs ? wait() : action()), leftMs)
  }
  wait()
  return () => clearTimeout(timeout)
}

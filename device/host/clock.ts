/** The clocks of this computer. */
import { existsSync, readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Cancel, Clock } from '../daemon/ports.ts'

interface SystemClockOptions {
  /**
   * `host`: a computer whose clock runs while it is off. `ntp`: a Pi, whose time is trusted only
   * after systemd-timesyncd has set it since the last boot.
   */
  readonly source: 'host' | 'ntp'
  readonly syncedMarkPath?: string
  readonly reading?: () => Reading
}

interface Reading {
  /** Since the machine was started, with the time in which it slept (CLOCK_BOOTTIME). */
  readonly bootMs: number
  /** Since this process was started, without that time (CLOCK_MONOTONIC). */
  readonly awakeMs: number
}

const systemReading = (): Reading => ({ bootMs: uptime() * 1_000, awakeMs: performance.now() })

/** The two clocks are read one after the other, and the first counts in hundredths of a second. */
const shortestSleepMs = 1_000

const timesyncdMarkPath = '/run/systemd/timesync/synchronized'

/** Node treats a longer delay as none. */
const longestTimerMs = 2 ** 31 - 1

export function systemClock({
  source,
  syncedMarkPath = timesyncdMarkPath,
  reading = systemReading,
}: SystemClockOptions): Clock {
  let synced = false
  const monotonicMs = sleepCounting(reading)
  const bootId = idOfBoot()
  return {
    monotonicMs,
    boot: () => (bootId === null ? null : { id: bootId, agoMs: Math.floor(reading().bootMs) }),
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

/** Null where the kernel does not tell starts apart. */
function idOfBoot(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}

/** Time goes on while the machine sleeps: a code must not live longer by it. */
function sleepCounting(reading: () => Reading): () => number {
  const first = reading()
  let sleptMs = 0
  return () => {
    const { bootMs, awakeMs } = reading()
    const awaySinceMs = bootMs - first.bootMs - (awakeMs - first.awakeMs)
    if (awaySinceMs >= sleptMs + shortestSleepMs) sleptMs = awaySinceMs
    return Math.floor(awakeMs + sleptMs)
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

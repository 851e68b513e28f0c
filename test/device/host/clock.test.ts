import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../../device/host/clock.ts'

describe('whether the time is confirmed', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clock-system-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('on a computer with its own clock: always', () => {
    expect(systemClock({ source: 'host' }).confirmed()).toBe('host')
  })

  test('on a Pi: once the network has set its time', () => {
    const syncedMarkPath = join(folder, 'synchronized')
    const clock = systemClock({ source: 'ntp', syncedMarkPath })
    expect(clock.confirmed()).toBe(null)
    writeFileSync(syncedMarkPath, '')
    expect(clock.confirmed()).toBe('ntp')
    rmSync(syncedMarkPath)
    expect(clock.confirmed()).toBe('ntp')
  })
})

describe('a sleep of the machine', () => {
  const hourMs = 3_600_000
  const base = { bootMs: 5_000_000, awakeMs: 1_000 }
  let now = base
  const clock = () => systemClock({ source: 'host', reading: () => now })
  beforeEach(() => {
    now = base
  })

  test('counts as time, although the timers of the process stood still', () => {
    const sleeper = clock()
    now = { bootMs: base.bootMs + 8 * hourMs + 2_000, awakeMs: base.awakeMs + 2_000 }
    expect(sleeper.monotonicMs()).toBe(base.awakeMs + 8 * hourMs + 2_000)
  })

  test('is not made up from two clocks that are read in different steps, and never taken back', () => {
    const sleeper = clock()
    now = { bootMs: base.bootMs + 110, awakeMs: base.awakeMs + 101 }
    expect(sleeper.monotonicMs()).toBe(1_101)
    now = { bootMs: base.bootMs + hourMs, awakeMs: base.awakeMs + 102 }
    const woken = sleeper.monotonicMs()
    now = { bootMs: base.bootMs, awakeMs: base.awakeMs + 103 }
    expect(sleeper.monotonicMs()).toBe(woken + 1)
  })

  /** A namespace that shifts CLOCK_BOOTTIME alone, as a sleep does. */
  const inNamespace = ['-rT', '--boottime', '36000', process.execPath, '-p', 'os.uptime()']
  const { status, stdout } = spawnSync('unshare', inNamespace, { encoding: 'utf8' })

  test.runIf(status === 0)('is what separates the uptime of Node from its other clocks', () => {
    expect(Number(stdout) - uptime()).toBeGreaterThan(35_990)
    expect(systemClock({ source: 'host' }).monotonicMs()).toBeLessThan(performance.now() + 1_000)
  })
})

describe('time', () => {
  const clock = systemClock({ source: 'host' })

  test('is in whole milliseconds and agrees with the system', () => {
    const before = Date.now()
    expect(Number.isInteger(clock.monotonicMs())).toBe(true)
    expect(clock.wallMs()).toBeGreaterThanOrEqual(before)
    expect(clock.wallMs()).toBeLessThanOrEqual(Date.now())
  })

  test('a timer is never early by the same clock', async () => {
    const delays = Array.from({ length: 300 }, (_, index) => (index % 30) + 0.5)
    const early = await Promise.all(
      delays.map(
        (delayMs) =>
          new Promise<number>((resolve) => {
            const dueMs = clock.monotonicMs() + delayMs
            clock.after(delayMs, () => resolve(dueMs - clock.monotonicMs()))
          }),
      ),
    )
    expect(Math.max(...early)).toBeLessThanOrEqual(0)
  })

  test('a timer can be cancelled twice, and after it fired', async () => {
    const fired: string[] = []
    const cancel = clock.after(1, () => fired.push('cancelled'))
    cancel()
    cancel()
    const cancelFired = await new Promise<() => void>((resolve) => {
      const late = clock.after(5, () => {
        fired.push('fired')
        resolve(late)
      })
    })
    cancelFired()
    expect(fired).toEqual(['fired'])
  })

  test('a timer may be longer than the limit of Node', () => {
    vi.useFakeTimers()
    try {
      const monthMs = 30 * 24 * 3_600_000
      let fired = false
      clock.after(monthMs, () => {
        fired = true
      })
      vi.advanceTimersByTime(monthMs - 1)
      expect(fired).toBe(false)
      vi.advanceTimersByTime(2)
      expect(fired).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})

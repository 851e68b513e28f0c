import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

/** What every `Lock` must do. In real time, because hardware has no other. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lock } from '../../../device/daemon/ports.ts'

export interface LockBench {
  readonly lock: Lock
  /** As seen from outside the process. */
  state(): 'open' | 'closed'
  /** Every movement so far. */
  movements(): readonly { readonly atMs: number; readonly state: 'open' | 'closed' }[]
  /** Without any cleanup. */
  processDies(): void
  end(): Promise<void>
}

/** Long enough to be seen on a busy machine. */
const holdMs = 700
/** Longer than any test waits, so that only the tested event can close the lock. */
const longHoldMs = 60_000

export function lockContract(name: string, make: () => Promise<LockBench>): void {
  describe(`${name} is a lock`, () => {
    let bench: LockBench
    const states = () => bench.movements().map(({ state }) => state)
    const becomes = (state: 'open' | 'closed') => expect.poll(() => bench.state()).toBe(state)

    beforeEach(async () => {
      bench = await make()
    })
    afterEach(() => bench.end())

    test('is closed at the start', () => {
      expect(bench.state()).toBe('closed')
      expect(bench.movements()).toEqual([])
    })

    test('opens, and closes by itself after the hold time, not before', async () => {
      bench.lock.open(holdMs)
      await expect.poll(states).toEqual(['open', 'closed'])
      expect(openFor(bench)).toBeGreaterThanOrEqual(holdMs - 1)
      expect(openFor(bench)).toBeLessThan(holdMs + 5_000)
    })

    test('closes on order', async () => {
      bench.lock.open(longHoldMs)
      await becomes('open')
      bench.lock.close()
      await becomes('closed')
    })

    test('accepts to close while it is closed', async () => {
      bench.lock.close()
      bench.lock.open(longHoldMs)
      await becomes('open')
      await expect.poll(states).toEqual(['open'])
    })

    test('restarts the time when opened again, without closing in between', async () => {
      bench.lock.open(2 * holdMs)
      await becomes('open')
      bench.lock.open(3 * holdMs)
      await expect.poll(states).toEqual(['open', 'closed'])
      expect(openFor(bench)).toBeGreaterThanOrEqual(3 * holdMs - 1)
    })

    test('can be held for less than ordered before', async () => {
      bench.lock.open(longHoldMs)
      bench.lock.open(holdMs)
      await expect.poll(states).toEqual(['open', 'closed'])
    })

    test('closes when the process that opened it dies', async () => {
      bench.lock.open(longHoldMs)
      await becomes('open')
      bench.processDies()
      await becomes('closed')
    })
  })
}

export function openFor(bench: LockBench): number {
  const [opened, closed] = bench.movements()
  return opened && closed ? closed.atMs - opened.atMs : Number.NaN
}

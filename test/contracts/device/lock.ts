/** What every `Lock` must do. In real time, because hardware has no other. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
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
    /** Starting one takes longer than most tests, so they share one as long as its process lives. */
    let running: LockBench | null = null
    let bench: LockBench
    let movementsBefore: number
    const movements = () => bench.movements().slice(movementsBefore)
    const states = () => movements().map(({ state }) => state)
    const becomes = (state: 'open' | 'closed') => expect.poll(() => bench.state()).toBe(state)

    beforeEach(async () => {
      running ??= await make()
      bench = running
      movementsBefore = bench.movements().length
    })
    afterEach(async () => {
      if (!running) return bench.end()
      bench.lock.close()
      await becomes('closed')
      await expect.poll(() => bench.movements().at(-1)?.state).not.toBe('open')
    })
    afterAll(() => running?.end())

    test('is closed at the start', async () => {
      const another = await make()
      expect([another.state(), another.movements()]).toEqual(['closed', []])
      await another.end()
    })

    test('opens, and closes by itself after the hold time, not before', async () => {
      bench.lock.open(holdMs)
      await expect.poll(states).toEqual(['open', 'closed'])
      expect(openFor(movements())).toBeGreaterThanOrEqual(holdMs - 1)
      expect(openFor(movements())).toBeLessThan(holdMs + 5_000)
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
      expect(openFor(movements())).toBeGreaterThanOrEqual(3 * holdMs - 1)
    })

    test('can be held for less than ordered before', async () => {
      bench.lock.open(longHoldMs)
      bench.lock.open(holdMs)
      await expect.poll(states).toEqual(['open', 'closed'])
    })

    test('closes when the process that opened it dies', async () => {
      bench.lock.open(longHoldMs)
      await becomes('open')
      running = null
      bench.processDies()
      await becomes('closed')
    })
  })
}

export function openFor([opened, closed]: ReturnType<LockBench['movements']>): number {
  return opened && closed ? closed.atMs - opened.atMs : Number.NaN
}

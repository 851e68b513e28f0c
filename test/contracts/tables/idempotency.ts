/** What every keeper of effects that happen once must do, whatever it is made of. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IdempotencyStore } from '../../../cloud/ports.ts'
import { newId, nowMs, times } from './examples.ts'

export interface OnceBench {
  readonly once: IdempotencyStore
  end(): Promise<void>
}

const leaseMs = 20_000

export function idempotencyContract(name: string, make: () => Promise<OnceBench>): void {
  describe(`${name} lets things happen once`, () => {
    let bench: OnceBench
    let once: IdempotencyStore
    beforeAll(async () => {
      bench = await make()
      once = bench.once
    })
    afterAll(() => bench.end())

    const begin = (key: string, atMs: number) => once.begin(key, atMs, atMs + leaseMs)

    test('by one of many at once', async () => {
      const key = newId()
      const answers = await Promise.all(times(50, () => begin(key, nowMs)))
      expect(answers.filter((answer) => answer === 'mine')).toHaveLength(1)
    })

    test('by a second once the lease is over', async () => {
      const key = newId()
      await begin(key, nowMs)
      expect(await begin(key, nowMs + leaseMs - 1)).toBe('taken')
      expect(await begin(key, nowMs + leaseMs)).toBe('mine')
      expect(await begin(key, nowMs + leaseMs)).toBe('taken')
    })

    test('and never again', async () => {
      const key = newId()
      await begin(key, nowMs)
      await once.finish(key, nowMs + 1)
      await once.finish(key, nowMs + 2)
      expect(await begin(key, nowMs + 100 * leaseMs)).toBe('taken')
    })

    test('or as often as it is allowed to, and again when that was long ago', async () => {
      const key = newId()
      const limits = [{ count: 3, withinMs: 60_000 }]
      const answers = await Promise.all(times(9, () => once.allows(key, limits, nowMs)))
      expect(answers.filter((isAllowed) => isAllowed)).toHaveLength(3)
      expect(await once.allows(key, limits, nowMs + 59_999)).toBe(false)
      expect(await once.allows(newId(), limits, nowMs)).toBe(true)
      expect(await once.allows(key, limits, nowMs + 60_000)).toBe(true)
    })

    test('each thing for itself', async () => {
      const key = newId()
      expect(await begin(`${key}#a`, nowMs)).toBe('mine')
      expect(await begin(`${key}#b`, nowMs)).toBe('mine')
    })
  })
}

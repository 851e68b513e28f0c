/** What every store of doors' logs must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DoorLogs } from '../../../cloud/ports.ts'

const door = { household: 'maple-street', doorId: 'maple-street_front' }
const other = { household: 'maple-street', doorId: 'maple-street_back' }
const row = (seq: number, hash = `${seq}`) => ({ seq, hash: hash.padStart(64, '0'), prev: 'p' })
const seqs = (rows: readonly { readonly seq: number }[]) => rows.map(({ seq }) => seq)

export function doorLogsContract(
  name: string,
  open: () => Promise<{ readonly logs: DoorLogs; readonly end: () => Promise<void> }>,
): void {
  describe(`${name} stores the logs of doors`, () => {
    let logs: DoorLogs
    let end: () => Promise<void>
    beforeAll(async () => {
      ;({ logs, end } = await open())
    })
    afterAll(() => end())

    test('and returns what is beside a row', async () => {
      for (const seq of [11, 9, 98, 100, 8]) await logs.add(door, row(seq), 1_000)
      expect(seqs(await logs.add(door, row(10), 1_000))).toEqual([9, 10, 11])
      expect(seqs(await logs.add(door, row(99), 1_000))).toEqual([98, 99, 100])
      expect(seqs(await logs.add(other, row(10), 1_000))).toEqual([10])
    })

    test('and different rows of one number, each with its first time', async () => {
      await logs.add(door, row(200, 'a'), 1_000)
      await logs.add(door, row(200, 'b'), 2_000)
      const rows = await logs.add(door, row(200, 'a'), 3_000)
      expect(rows).toEqual([
        { ...row(200, 'a'), receivedAtMs: 1_000 },
        { ...row(200, 'b'), receivedAtMs: 2_000 },
      ])
    })

    test('and finds the rows between two numbers', async () => {
      expect(seqs(await logs.between(door, -5, 10))).toEqual([8, 9, 10])
      expect(await logs.between(door, 12, 50)).toEqual([])
    })

    test('and gives one change one id, for a while', async () => {
      const ids = await Promise.all(
        ['a', 'b', 'c'].map((id) => logs.change(door, id, 5_000, 1_000)),
      )
      expect(new Set(ids).size).toBe(1)
      expect(await logs.change(door, 'd', 5_999, 1_000)).toBe(ids[0])
      expect(await logs.change(door, 'e', 6_000, 1_000)).toBe('e')
      expect(await logs.change(other, 'f', 6_000, 1_000)).toBe('f')
    })
  })
}

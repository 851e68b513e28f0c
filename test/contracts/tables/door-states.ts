/** What every store of doors' states must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DoorStates } from '../../../cloud/ports.ts'

const door = { household: 'maple-street', doorId: 'maple-street_front' }
const other = { household: 'maple-street', doorId: 'maple-street_back' }

export function doorStatesContract(
  name: string,
  open: () => Promise<{ readonly states: DoorStates; readonly end: () => Promise<void> }>,
): void {
  describe(`${name} stores what doors reported`, () => {
    let states: DoorStates
    let end: () => Promise<void>
    beforeAll(async () => {
      ;({ states, end } = await open())
    })
    afterAll(() => end())

    test('each part by itself', async () => {
      expect(await states.find(door)).toEqual({})
      await states.report(door, { seq: 2, atMs: 20 }, { lock: 'unlocked', heard: true }, 1_000)
      await states.report(door, { seq: 1, atMs: 10 }, { lock: 'locked', contact: 'open' }, 1_001)
      expect(await states.find(door)).toEqual({
        lock: { value: 'unlocked', atMs: 20 },
        contact: { value: 'open', atMs: 10 },
        heard: { value: true, atMs: 20 },
      })
      expect(await states.find(other)).toEqual({})
    })

    test('also of a door that counts from the beginning again', async () => {
      await states.report(other, { seq: 900, atMs: 10 }, { lock: 'unlocked' }, 1_000)
      await states.report(other, { seq: 1, atMs: 90_000 }, { lock: 'locked' }, 90_000)
      expect((await states.find(other)).lock?.value).toBe('locked')
    })
  })
}

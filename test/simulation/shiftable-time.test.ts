import { beforeEach, expect, test } from 'vitest'
import { ShiftableTime } from '../../simulation/home/shiftable-time.ts'

let time: ShiftableTime
let happened: string[]
beforeEach(() => {
  time = new ShiftableTime()
  happened = []
})
const later = (name: string, delayMs: number) => time.timer(() => happened.push(name), delayMs)

test('what falls due in skipped time happens at once and in order', () => {
  later('c', 3_000)
  later('a', 1_000)
  later('b', 1_000)
  later('never', 3_600_000)
  time.skip(60_000)
  expect(happened).toEqual(['a', 'b', 'c'])
  expect(time.passedMs()).toBeGreaterThan(60_000)
})

test('what begins while time is skipped has its whole time before it', () => {
  time.timer(() => later('second', 1_000), 1_000)
  time.skip(60_000)
  expect(happened).toEqual([])
  time.skip(1_000)
  expect(happened).toEqual(['second'])
})

test('what was called off does not happen, though it was due in the same moment', () => {
  const timer = later('off', 2_000)
  time.timer(() => timer.close(), 1_000)
  time.skip(5_000)
  expect(happened).toEqual([])
})

test('real time passes, too', async () => {
  later('soon', 50)
  time.skip(40)
  expect(happened).toEqual([])
  await expect.poll(() => happened).toEqual(['soon'])
})

test('a timer that was begun anew waits anew', () => {
  const timer = later('late', 1_000)
  time.skip(900)
  timer.refresh()
  time.skip(900)
  expect(happened).toEqual([])
  time.skip(200)
  expect(happened).toEqual(['late'])
})

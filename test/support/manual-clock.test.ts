import { expect, test } from 'vitest'
import { manualClock } from './manual-clock.ts'

test('timers fire in the order in which they are due, each at its own time', () => {
  const clock = manualClock(1_000_000)
  const fired: [string, number][] = []
  const note = (name: string) => () => fired.push([name, clock.monotonicMs()])
  clock.after(30, note('last'))
  clock.after(10, note('first'))
  clock.after(20, note('set first'))
  clock.after(20, note('set second'))
  clock.advance(9)
  expect(fired).toEqual([])
  clock.advance(100)
  expect(fired).toEqual([
    ['first', 10],
    ['set first', 20],
    ['set second', 20],
    ['last', 30],
  ])
  expect(clock.monotonicMs()).toBe(109)
  expect(clock.wallMs()).toBe(1_000_109)
  expect(clock.pending()).toBe(0)
})

test('a timer can set and cancel others during the same advance', () => {
  const clock = manualClock()
  const fired: number[] = []
  const again = () => {
    fired.push(clock.monotonicMs())
    clock.after(10, again)
  }
  clock.after(10, again)
  const cancel = clock.after(25, () => fired.push(-1))
  clock.after(20, cancel)
  clock.advance(35)
  expect(fired).toEqual([10, 20, 30])
  expect(clock.pending()).toBe(1)
})

test('the wall clock can jump alone and be confirmed by a test', () => {
  const clock = manualClock()
  clock.setWall(5)
  expect([clock.wallMs(), clock.monotonicMs()]).toEqual([5, 0])
  clock.advance(10)
  expect([clock.wallMs(), clock.monotonicMs()]).toEqual([15, 10])
  expect(clock.confirmed()).toBe('host')
  clock.confirm(null)
  expect(clock.confirmed()).toBe(null)
})

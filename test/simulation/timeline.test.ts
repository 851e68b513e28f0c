import { expect, test } from 'vitest'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import {
  cloudSentence,
  doorMoment,
  doorSentence,
  lockSentence,
  Timeline,
} from '../../simulation/control-room/timeline.ts'

const noNames = () => null
const entry = (atMs: number, sentence: string) =>
  ({ atMs, who: 'door', visit: null, sentence }) as const

function told(entries: readonly ReturnType<typeof entry>[]): string {
  const timeline = new Timeline()
  for (const one of entries) timeline.add(one)
  return timeline.entries.map(({ sentence }) => sentence).join(' ')
}

test('what happens in the same moment stays in the order in which it was heard', () => {
  expect(told([entry(10_002, 'a'), entry(10_000, 'b'), entry(10_001, 'c')])).toBe('a b c')
})

test('whoever sorts by the time finds the same order', () => {
  const timeline = new Timeline()
  for (const atMs of [10_900, 10_000, 12_000, 11_100, 5_000, 5_900, 5_100]) {
    timeline.add(entry(atMs, String(atMs)))
  }
  const times = timeline.entries.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('what the door could not say at the time goes where it belongs', () => {
  expect(
    told([entry(10_000, 'a'), entry(90_000, 'd'), entry(40_000, 'b'), entry(50_000, 'c')]),
  ).toBe('a b c d')
})

test('what the door says again is not told again', () => {
  expect(
    told([entry(10_500, 'z'), entry(10_000, 'a'), entry(10_000, 'a'), entry(11_000, 'a')]),
  ).toBe('z a a')
})

test('the oldest goes when there is too much', () => {
  const timeline = new Timeline()
  for (let at = 0; at < 1_000; at += 1) timeline.add(entry(at * 2_000, String(at)))
  expect(timeline.entries.length).toBe(500)
  expect(timeline.entries.at(-1)?.sentence).toBe('999')
})

test('a door that does not know the time is put where it was heard', () => {
  const message: DoorMessage = {
    v: 1,
    id: '0'.repeat(32),
    doorId: 'test-door',
    seq: 1,
    atMs: 1,
    timeKnown: false,
    prev: '0'.repeat(64),
    type: 'door-forced',
  }
  expect(doorMoment(message, 5_000)).toBe(5_000)
  expect(doorMoment({ ...message, timeKnown: true }, 5_000)).toBe(1)
  // That it started was seen from outside, when it reached for its lock.
  const started: DoorMessage = {
    ...{ ...message, atMs: 2_000, type: 'door-started', software: '1', pausedForMs: 0 },
  }
  expect(doorMoment(started, 5_000, [1_000, 2_050, 4_000])).toBe(2_050)
  expect(doorMoment(started, 5_000, [1_000])).toBe(5_000)
})

test('what only machines say to each other is left out', () => {
  const envelope = { v: 1, id: '0'.repeat(32), doorId: 'test-door', seq: 1 } as const
  const at = { atMs: 1, timeKnown: true, prev: '0'.repeat(64) }
  const ask = '1'.repeat(32)
  expect(doorSentence({ ...envelope, ...at, type: 'time-wanted', ask }, noNames)).toBe(null)
  expect(doorSentence({ ...envelope, ...at, type: 'door-forced' }, noNames)).toContain('ALARM')
})

test('the cloud’s log is told in words, and what it says of messages is not repeated', () => {
  expect(cloudSentence('owner asked', { why: 'weak-match' })).toBe(
    'The owner is asked: they resemble somebody, but not surely.',
  )
  expect(cloudSentence('owner answered', { outcome: 'refused', reason: 'wrong-number' })).toBe(
    'An answer was refused: the visit number was wrong.',
  )
  expect(cloudSentence('door message', { seq: 1 })).toBe(null)
})

test('the bolt says why it moved when nobody told it to', () => {
  const because = (cause: 'order' | 'hold-over' | 'line-dropped') =>
    lockSentence({ atMs: 0, state: 'closed', cause })
  expect(lockSentence({ atMs: 0, state: 'open', cause: 'order' })).toBe('The bolt moved: open.')
  expect(because('order')).toBe('The bolt moved: closed.')
  expect(because('hold-over')).toBe('The bolt moved: closed by itself, the time was over.')
  expect(because('line-dropped')).toBe('The bolt moved: closed by itself, the daemon was gone.')
})

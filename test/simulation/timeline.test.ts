import { expect, test } from 'vitest'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import {
  cloudSentence,
  doorSentence,
  lockSentence,
  Timeline,
  timeOf,
} from '../../simulation/control-room/timeline.ts'

const noNames = () => null
const entry = (atMs: number, sentence: string) =>
  ({ atMs, who: 'door', visit: null, sentence }) as const

function sentences(entries: readonly ReturnType<typeof entry>[]): string {
  const timeline = new Timeline()
  for (const one of entries) timeline.add(one)
  return timeline.entries.map(({ sentence }) => sentence).join(' ')
}

test('events at the same time stay in the order of arrival', () => {
  expect(sentences([entry(10_002, 'a'), entry(10_000, 'b'), entry(10_001, 'c')])).toBe('a b c')
})

test('sorting by time gives the same order', () => {
  const timeline = new Timeline()
  for (const atMs of [10_900, 10_000, 12_000, 11_100, 5_000, 5_900, 5_100]) {
    timeline.add(entry(atMs, String(atMs)))
  }
  const times = timeline.entries.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('events from an offline time are inserted where they belong', () => {
  expect(
    sentences([entry(10_000, 'a'), entry(90_000, 'd'), entry(40_000, 'b'), entry(50_000, 'c')]),
  ).toBe('a b c d')
})

test('a repeated message is not added again', () => {
  expect(
    sentences([entry(10_500, 'z'), entry(10_000, 'a'), entry(10_000, 'a'), entry(11_000, 'a')]),
  ).toBe('z a a')
})

test('the oldest entries are dropped above the limit', () => {
  const timeline = new Timeline()
  for (let at = 0; at < 1_000; at += 1) timeline.add(entry(at * 2_000, String(at)))
  expect(timeline.entries.length).toBe(500)
  expect(timeline.entries.at(-1)?.sentence).toBe('999')
})

test('an event of a door without the time gets the time of its arrival', () => {
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
  expect(timeOf(message, 5_000)).toBe(5_000)
  expect(timeOf({ ...message, timeKnown: true }, 5_000)).toBe(1)
  // That it started was seen from outside, when it reached for its lock.
  const started: DoorMessage = {
    ...message,
    atMs: 2_000,
    type: 'door-started',
    software: '1',
    pausedForMs: 0,
  }
  expect(timeOf(started, 5_000, [1_000, 2_050, 4_000])).toBe(2_050)
  expect(timeOf(started, 5_000, [1_000])).toBe(5_000)
})

test('messages that mean nothing to a person are left out', () => {
  const envelope = { v: 1, id: '0'.repeat(32), doorId: 'test-door', seq: 1 } as const
  const at = { atMs: 1, timeKnown: true, prev: '0'.repeat(64) }
  const ask = '1'.repeat(32)
  expect(doorSentence({ ...envelope, ...at, type: 'time-wanted', ask }, noNames)).toBe(null)
  expect(doorSentence({ ...envelope, ...at, type: 'door-forced' }, noNames)).toContain('ALARM')
})

test('log entries of the cloud become sentences, and messages are not repeated', () => {
  expect(cloudSentence('owner asked', { why: 'weak-match' })).toBe(
    'The owner is asked: the visitor may be someone on file, but that is not certain.',
  )
  expect(cloudSentence('owner answered', { outcome: 'refused', reason: 'wrong-number' })).toBe(
    'An answer was refused: the visit number was wrong.',
  )
  expect(cloudSentence('door message', { seq: 1 })).toBe(null)
})

test('the bolt’s entry says why it moved by itself', () => {
  const because = (cause: 'order' | 'hold-over' | 'connection-lost') =>
    lockSentence({ atMs: 0, state: 'closed', cause })
  expect(lockSentence({ atMs: 0, state: 'open', cause: 'order' })).toBe('The bolt moved: open.')
  expect(because('order')).toBe('The bolt moved: closed.')
  expect(because('hold-over')).toBe('The bolt moved: closed by itself, because the time was over.')
  expect(because('connection-lost')).toBe(
    'The bolt moved: closed by itself, because the daemon was gone.',
  )
})

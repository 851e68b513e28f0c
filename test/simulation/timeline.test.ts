import { expect, test } from 'vitest'
import type { DoorMessage } from '../../protocol/messages.ts'
import { doorEntry, lockSentence, Timeline } from '../../simulation/timeline.ts'

const noNames = () => null
const entry = (atMs: number, sentence: string) => ({ atMs, who: 'door', sentence }) as const

function told(entries: readonly ReturnType<typeof entry>[]): string {
  const timeline = new Timeline()
  for (const one of entries) timeline.add(one)
  return timeline.entries.map(({ sentence }) => sentence).join(' ')
}

test('what happens in the same moment stays in the order in which it was heard', () => {
  expect(told([entry(10_002, 'a'), entry(10_000, 'b'), entry(10_001, 'c')])).toBe('a b c')
})

test('what the door could not say at the time goes where it belongs', () => {
  expect(
    told([entry(10_000, 'a'), entry(90_000, 'd'), entry(40_000, 'b'), entry(50_000, 'c')]),
  ).toBe('a b c d')
})

test('the oldest goes when there is too much', () => {
  const timeline = new Timeline()
  for (let at = 0; at < 1_000; at += 1) timeline.add(entry(at * 2_000, String(at)))
  expect(timeline.entries.length).toBe(100)
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
  expect(doorEntry(message, 5_000, noNames).atMs).toBe(5_000)
  expect(doorEntry({ ...message, timeKnown: true }, 5_000, noNames).atMs).toBe(1)
})

test('the bolt says why it moved when nobody told it to', () => {
  const because = (cause: 'order' | 'hold-over' | 'line-dropped') =>
    lockSentence({ atMs: 0, state: 'closed', cause })
  expect(lockSentence({ atMs: 0, state: 'open', cause: 'order' })).toBe('The bolt moved: open.')
  expect(because('order')).toBe('The bolt moved: closed.')
  expect(because('hold-over')).toBe('The bolt moved: closed by itself, the time was over.')
  expect(because('line-dropped')).toBe('The bolt moved: closed by itself, the daemon was gone.')
})

import { beforeEach, expect, test } from 'vitest'
import { type LockChange, relay } from '../../simulation/door/relay.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

const startMs = 1_000_000
let clock: ManualClock
let changes: LockChange[]
let lock: ReturnType<typeof relay>

beforeEach(() => {
  clock = manualClock(startMs)
  changes = []
  lock = relay(clock, (change) => changes.push(change))
})

test('a pulse ends by itself, to the millisecond', () => {
  lock.order({ lock: 'open', holdMs: 5_000 })
  clock.advance(4_999)
  expect(lock.state()).toBe('open')
  clock.advance(1)
  expect(lock.state()).toBe('closed')
  expect(changes).toEqual([
    { atMs: startMs, state: 'open', cause: 'order' },
    { atMs: startMs + 5_000, state: 'closed', cause: 'hold-over' },
  ])
})

test('another order to open counts anew, longer or shorter', () => {
  lock.order({ lock: 'open', holdMs: 5_000 })
  clock.advance(4_000)
  lock.order({ lock: 'open', holdMs: 5_000 })
  clock.advance(4_000)
  expect(lock.state()).toBe('open')
  lock.order({ lock: 'open', holdMs: 10 })
  clock.advance(10)
  expect(lock.state()).toBe('closed')
  expect(changes.length).toBe(2)
})

test('closes on command and when the daemon is gone, and leaves no timer behind', () => {
  lock.order({ lock: 'open', holdMs: 5_000 })
  lock.order({ lock: 'closed' })
  lock.order({ lock: 'open', holdMs: 5_000 })
  lock.connectionLost()
  lock.connectionLost()
  expect(changes.map(({ state, cause }) => [state, cause])).toEqual([
    ['open', 'order'],
    ['closed', 'order'],
    ['open', 'order'],
    ['closed', 'connection-lost'],
  ])
  expect(clock.pending()).toBe(0)
})

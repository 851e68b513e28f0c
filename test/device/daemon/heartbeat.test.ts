import { expect, test } from 'vitest'
import { startHeartbeat } from '../../../device/daemon/heartbeat.ts'
import type { Watchdog } from '../../../device/daemon/ports.ts'
import { manualClock } from '../../support/manual-clock.ts'

function watched(everyMs: number | null) {
  let beats = 0
  const watchdog: Watchdog = {
    everyMs,
    ready() {},
    alive() {
      beats += 1
    },
    stopping() {},
  }
  return { watchdog, beats: () => beats }
}

/** Everything that was promised has been kept. */
const settled = () => new Promise((done) => setImmediate(done))

test('beats as often as it is asked to, as long as the queue moves', async () => {
  const clock = manualClock()
  const { watchdog, beats } = watched(4_000)
  let moves = true
  const roundTrip = () => (moves ? Promise.resolve() : new Promise<void>(() => {}))
  startHeartbeat({ watchdog, clock, roundTrip })
  for (let n = 0; n < 3; n += 1) {
    await settled()
    clock.advance(4_000)
  }
  await settled()
  expect(beats()).toBe(4)
  moves = false
  clock.advance(4_000)
  await settled()
  clock.advance(40_000)
  await settled()
  expect(beats()).toBe(4)
})

test('stops, and where nobody watches never starts', async () => {
  const clock = manualClock()
  const { watchdog, beats } = watched(4_000)
  const stop = startHeartbeat({ watchdog, clock, roundTrip: () => Promise.resolve() })
  stop()
  await settled()
  startHeartbeat({ ...watched(null), clock, roundTrip: () => Promise.reject(new Error('asked')) })
  await settled()
  expect(beats()).toBe(0)
})

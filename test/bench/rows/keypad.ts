/**
 * A good code typed at a running door that is offline: time to the answer, beside a server that does
 * nothing, and time until the lock opens.
 */
import { setTimeout as passing } from 'node:timers/promises'
import { type ManualClock, manualClock } from '../../support/manual-clock.ts'
import { startBareServer } from '../peers/bare-server.ts'
import { type BenchDoor, benchDoor } from '../support/bench-door.ts'
import { median, percentile } from '../support/figures.ts'
import type { KeepAliveClient } from '../support/keep-alive-client.ts'
import { type Row, rowOf } from '../support/row.ts'
import type { Workshop } from '../support/workshop.ts'

const full = { visits: 50, codesPerVisit: 64, warmUp: 2 }
const quick = { visits: 2, codesPerVisit: 10, warmUp: 1 }

/** As short as the config file allows, so that the door is idle in between, as in reality. */
const unlockHoldMs = 500
const leftAfterMs = 1_000
const marginMs = 300
const lockLimitMs = 50

interface Samples {
  readonly ours: number[]
  readonly peer: number[]
  readonly lock: number[]
}

export async function benchKeypad(workshop: Workshop): Promise<Row[]> {
  const { visits, codesPerVisit, warmUp } = workshop.quick ? quick : full
  workshop.say('keypad: starting a door and a bare server')
  const clock = manualClock()
  const door = await benchDoor(workshop, {
    known: [{ codes: (visits + warmUp) * codesPerVisit }],
    config: { lock: { unlockHoldMs }, visit: { leftAfterMs } },
    clock,
  })
  const started = door.start()
  const ours = await started.connected()
  const bare = await startBareServer(workshop)
  const peer = await bare.connected()
  const codes = door.codes.flat()
  const samples: Samples = { ours: [], peer: [], lock: [] }
  const warmUpSamples: Samples = { ours: [], peer: [], lock: [] }
  for (let visit = 0; visit < visits + warmUp; visit += 1) {
    const into = visit < warmUp ? warmUpSamples : samples
    const ofVisit = codes.splice(0, codesPerVisit)
    await takeTurns({ door, clock, ours, peer }, ofVisit, into)
    // The visit ends after some time without input; then the store is checkpointed.
    await passing(leftAfterMs + marginMs)
    if (visit % 10 === 0) workshop.say(`keypad: visit ${visit} of ${visits + warmUp}`)
  }
  ours.close()
  peer.close()
  await bare.stop()
  await started.stop()
  await door.close()
  return rowsOf(samples)
}

interface Scene {
  readonly door: BenchDoor
  readonly clock: ManualClock
  readonly ours: KeepAliveClient
  readonly peer: KeepAliveClient
}

async function takeTurns(scene: Scene, codes: readonly string[], into: Samples): Promise<void> {
  const askPeer = async (code: string) => {
    into.peer.push((await scene.peer.post('/api/code', { code })).tookMs)
  }
  const askOurs = async (code: string) => {
    const { answer, openAfterMs } = await enter(scene, code)
    into.ours.push(answer.tookMs)
    into.lock.push(openAfterMs)
  }
  for (const [at, code] of codes.entries()) {
    const turns = at % 2 === 0 ? [askOurs, askPeer] : [askPeer, askOurs]
    for (const turn of turns) await turn(code)
  }
}

async function enter({ door, clock, ours }: Scene, code: string) {
  const opened = new Promise<number>((settle) => {
    door.home.events.once('lock', () => settle(performance.now()))
  })
  const answer = await ours.post('/api/code', { code })
  if (answer.status !== 200) throw new Error(`a right code got ${answer.status} ${answer.body}`)
  const openAfterMs = (await opened) - answer.askedAtMs
  // The lock must close before the next opening.
  clock.advance(unlockHoldMs)
  return { answer, openAfterMs }
}

// ---------------------------------------------------------------- rows

const rowsOf = ({ ours, peer, lock }: Samples): Row[] => [
  rowOf({
    row: 'keypad POST, commit included, p99',
    unit: 'ms',
    ours: percentile(ours, 0.99),
    peer: percentile(peer, 0.99),
    peerIs: 'bare node:http server',
    target: 2.5,
    figures: {
      pairs: ours.length,
      oursP50Ms: median(ours),
      peerP50Ms: median(peer),
      oursP90Ms: percentile(ours, 0.9),
      peerP90Ms: percentile(peer, 0.9),
    },
  }),
  rowOf({
    row: 'key press to lock, cloud unreachable, p99',
    unit: 'ms',
    ours: percentile(lock, 0.99),
    peer: lockLimitMs,
    peerIs: 'limit',
    figures: {
      samples: lock.length,
      oursP50Ms: median(lock),
      oursLongestMs: Math.max(...lock),
    },
  }),
]

/** Looking through the door's camera from afar: asked for freshly, and over by itself. */
import { beforeEach, expect, it } from 'vitest'
import { decide, nextTickUptimeMs } from '../../../device/core/door/decide.ts'
import type { Decision } from '../../../device/core/door/state.ts'
import { longestWatchMs, parseCloudMessage } from '../../../protocol/messages/cloud.ts'
import { createDoorModel, type DoorModel } from '../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const id = (n: number) => n.toString(16).padStart(32, 'b')

let door: DoorModel
let seq: number
const nowMs = () => startMs + door.worldMs()

beforeEach(() => {
  door = createDoorModel()
  seq = 0
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
})

interface Action {
  readonly nonce?: string
  readonly forMs?: number
  readonly lifeMs?: number
  readonly atSeq?: number
}

const wishOf = ({
  nonce = door.newId(),
  forMs = longestWatchMs,
  lifeMs = 10_000,
  atSeq,
}: Action) => {
  seq += 1
  const envelope = {
    v: 1,
    id: door.newId(),
    doorId: 'door',
    seq: atSeq ?? seq,
    atMs: nowMs(),
  } as const
  const fresh = { nonce, expiresAtMs: nowMs() + lifeMs, by: 'owner', forMs }
  return { ...envelope, type: 'watch-live', ...fresh } as const
}
const wish = (wanted: Action = {}) => door.command(wishOf(wanted))
const watchedForMs = () => {
  const { watchedUntilUptimeMs } = door.state()
  return watchedUntilUptimeMs === null ? null : watchedUntilUptimeMs - door.uptimeMs()
}
const last = () => door.log.at(-1)

const recordingWanted = ({ effects }: Decision) =>
  effects.flatMap((effect) => (effect.kind === 'recording-wanted' ? [effect.untilUptimeMs] : []))

it('lasts for five minutes by the door’s own timer, and is told', () => {
  wish()
  expect(watchedForMs()).toBe(300_000)
  expect(last()).toMatchObject({ type: 'live-watched', by: 'owner', forMs: 300_000 })
  door.pass(299_999)
  expect(watchedForMs()).toBe(1)
  door.pass(1)
  expect(watchedForMs()).toBeNull()
})

it('asks for film, and at its end for no more', () => {
  const state = door.state()
  const moment = { uptimeMs: door.uptimeMs(), id: id(9) }
  const facts = { offers: [], grant: null, visitors: [], open: [] }
  const begun = decide(state, { kind: 'command-arrived', command: wishOf({}), facts }, moment)
  const dueUptimeMs = moment.uptimeMs + 300_000
  expect(recordingWanted(begun)).toEqual([dueUptimeMs])
  expect(nextTickUptimeMs(begun.state, moment.uptimeMs)).toBeLessThanOrEqual(dueUptimeMs)
  const early = decide(begun.state, { kind: 'tick' }, { uptimeMs: dueUptimeMs - 1, id: id(10) })
  expect(recordingWanted(early)).toEqual([])
  const over = decide(early.state, { kind: 'tick' }, { uptimeMs: dueUptimeMs, id: id(11) })
  expect(recordingWanted(over)).toEqual([null])
  expect(over.state.watchedUntilUptimeMs).toBeNull()
})

it('goes on when it is renewed, and ends when that is wished', () => {
  wish()
  door.pass(240_000)
  wish()
  expect(watchedForMs()).toBe(300_000)
  wish({ forMs: 0 })
  expect(watchedForMs()).toBeNull()
  expect(last()).toMatchObject({ type: 'live-watched', forMs: 0 })
})

it.each([
  ['expired', { lifeMs: -1 }],
  ['too-long-lived', { lifeMs: 60_000 }],
] as const)('is refused when %s', (reason, wanted) => {
  wish(wanted)
  expect(last()).toMatchObject({ type: 'watch-refused', reason })
  expect(watchedForMs()).toBeNull()
})

it('is refused while the time is unknown, and is over after a restart', () => {
  wish()
  door.restart()
  expect(watchedForMs()).toBeNull()
  wish()
  expect(last()).toMatchObject({ type: 'watch-refused', reason: 'clock-unknown' })
})

it('is taken once, also after a restart', () => {
  const nonce = id(1)
  wish({ nonce })
  wish({ nonce })
  expect(last()).toMatchObject({ type: 'watch-refused', reason: 'repeated' })
  door.restart()
  door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  wish({ nonce })
  expect(last()).toMatchObject({ type: 'watch-refused', reason: 'repeated' })
})

it('never makes a wish to open stale that was sent before it', () => {
  wish({ atSeq: 1_000 })
  const fresh = { nonce: id(2), expiresAtMs: nowMs() + 10_000, by: 'owner' }
  const envelope = { v: 1, id: door.newId(), doorId: 'door', seq: 999, atMs: nowMs() } as const
  door.command({ ...envelope, type: 'unlock', ...fresh })
  expect(door.relayIsOpen()).toBe(true)
})

it('can not be asked for longer than five minutes at once', () => {
  const read = (forMs: number) => {
    const [message, doorId] = [wishOf({ forMs }), 'front-door']
    return parseCloudMessage(JSON.stringify({ ...message, doorId })).ok
  }
  expect([read(300_000), read(300_001), read(-1)]).toEqual([true, false, false])
})

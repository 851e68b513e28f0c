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

const watchOf = ({
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
const watch = (wanted: Action = {}) => door.command(watchOf(wanted))
const watchedForMs = () => {
  const { watchedUntilUptimeMs } = door.state()
  return watchedUntilUptimeMs === null ? null : watchedUntilUptimeMs - door.uptimeMs()
}
const last = () => door.log.at(-1)

const recordingWanted = ({ effects }: Decision) =>
  effects.flatMap((effect) => (effect.kind === 'recording-wanted' ? [effect.untilUptimeMs] : []))

it('lasts for five minutes by the door’s own timer, and is told', () => {
  watch()
  expect(watchedForMs()).toBe(300_000)
  expect(last()).toMatchObject({ type: 'live-watched', by: 'owner', forMs: 300_000 })
  door.pass(299_999)
  expect(watchedForMs()).toBe(1)
  door.pass(1)
  expect(watchedForMs()).toBeNull()
})

it('starts the recording, and ends it', () => {
  const state = door.state()
  const moment = { uptimeMs: door.uptimeMs(), id: id(9) }
  const facts = { offers: [], grant: null, visitors: [], open: [], sheet: null }
  const begun = decide(state, { kind: 'command-arrived', command: watchOf({}), facts }, moment)
  const dueUptimeMs = moment.uptimeMs + 300_000
  expect(recordingWanted(begun)).toEqual([dueUptimeMs])
  expect(nextTickUptimeMs(begun.state, moment.uptimeMs)).toBeLessThanOrEqual(dueUptimeMs)
  const early = decide(begun.state, { kind: 'tick' }, { uptimeMs: dueUptimeMs - 1, id: id(10) })
  expect(recordingWanted(early)).toEqual([])
  const over = decide(early.state, { kind: 'tick' }, { uptimeMs: dueUptimeMs, id: id(11) })
  expect(recordingWanted(over)).toEqual([null])
  expect(over.state.watchedUntilUptimeMs).toBeNull()
})

it('goes on when it is renewed, and ends when that is requested', () => {
  watch()
  door.pass(240_000)
  watch()
  expect(watchedForMs()).toBe(300_000)
  watch({ forMs: 0 })
  expect(watchedForMs()).toBeNull()
  expect(last()).toMatchObject({ type: 'live-watched', forMs: 0 })
})

it.each([
  ['expired', { lifeMs: -1 }],
  ['too-long-lived', { lifeMs: 60_000 }],
] as const)('is refused when %s', (reason, wanted) => {
  watch(wanted)
  expect(last()).toMatchObject({ type: 'request-refused', reason })
  expect(watchedForMs()).toBeNull()
})

it('is refused while the time is unknown, and is over after a restart', () => {
  watch()
  door.restart()
  expect(watchedForMs()).toBeNull()
  watch()
  expect(last()).toMatchObject({ type: 'request-refused', reason: 'clock-unknown' })
})

it('is neither declared nor supported without a camera for it', () => {
  door.restart({ hasLiveView: false })
  door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  watch()
  expect(last()).toMatchObject({ type: 'request-refused', reason: 'not-supported' })
  expect(watchedForMs()).toBeNull()
  door.happen({ kind: 'link-changed', online: true })
  const introduction = door.log.find(({ type }) => type === 'door-introduced')
  expect(introduction).toMatchObject({ capabilities: expect.not.arrayContaining(['watch-live']) })
})

it('is taken once, also after a restart', () => {
  const nonce = id(1)
  watch({ nonce })
  watch({ nonce })
  expect(last()).toMatchObject({ type: 'request-refused', reason: 'repeated' })
  door.restart()
  door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  watch({ nonce })
  expect(last()).toMatchObject({ type: 'request-refused', reason: 'repeated' })
})

it('never makes an older command to unlock stale', () => {
  watch({ atSeq: 1_000 })
  const fresh = { nonce: id(2), expiresAtMs: nowMs() + 10_000, by: 'owner' }
  const envelope = { v: 1, id: door.newId(), doorId: 'door', seq: 999, atMs: nowMs() } as const
  door.command({ ...envelope, type: 'unlock', ...fresh })
  expect(door.relayIsOpen()).toBe(true)
})

it('can not be asked for longer than five minutes at once', () => {
  const read = (forMs: number) => {
    const [message, doorId] = [watchOf({ forMs }), 'front-door']
    return parseCloudMessage(JSON.stringify({ ...message, doorId })).ok
  }
  expect([read(300_000), read(300_001), read(-1)]).toEqual([true, false, false])
})

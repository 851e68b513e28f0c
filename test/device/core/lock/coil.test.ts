/** What happens near the longest time that a strike's coil may be on. */
import { beforeEach, describe, expect, it } from 'vitest'
import { heatAfterStart } from '../../../../device/core/lock/coil.ts'
import { oneTimeCredential } from '../../../../protocol/messages/cloud.ts'
import { createDoorModel, type DoorModel, shippedRules } from '../../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const grantId = 'b'.repeat(32)
let door: DoorModel

const press = () => door.happen({ kind: 'exit-pressed' })
/** Presses the exit button again and again, so that the lock stays open. */
function hold(ms: number): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    press()
    door.pass(1_000)
  }
}

beforeEach(() => {
  door = createDoorModel({ ...shippedRules, coilMaxOnMs: 30_000 })
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: startMs, source: 'host' })
  door.command({
    v: 1,
    id: door.newId(),
    doorId: 'door',
    seq: 1,
    atMs: startMs,
    type: 'grant',
    credential: oneTimeCredential({
      grantId,
      visitId: null,
      visitorId: 'c'.repeat(32),
      visitorName: 'Ada',
      language: 'en',
      digits: 8,
      notBeforeMs: startMs,
      expiresAtMs: startMs + 300_000,
    }),
  })
})

describe('a code near the end of what the coil may take', () => {
  it('is not used up, and works after the rest that the keypad asks for', () => {
    hold(29_000)
    const answer = door.enter(grantId)
    // One second until the lock closes, and five in which the coil cools down for the opening.
    expect(answer).toEqual({ outcome: 'paused', pausedForMs: 6_000 })
    expect(door.grants.get(grantId)?.closed).toBe(null)
    door.pass(5_999)
    expect(door.enter(grantId)).toEqual({ outcome: 'paused', pausedForMs: 1 })
    door.pass(1)
    expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted', unlockedForMs: 5_000 })
  })

  it('opens for its whole time where there is just enough left', () => {
    hold(25_000)
    expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted', unlockedForMs: 5_000 })
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(true)
  })
})

describe('the exit button near the end of what the coil may take', () => {
  it('opens for its whole time after the rest', () => {
    hold(29_000)
    press()
    door.pass(1_000)
    expect(door.relayIsOpen()).toBe(false)
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(false)
    door.pass(1)
    // So many presses in a minute are not all in the log.
    expect(door.relayIsOpen()).toBe(true)
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(true)
    door.pass(1)
    expect(door.relayIsOpen()).toBe(false)
  })

  it('never has the coil on for longer than allowed, and half of the time at most after that', () => {
    let onMs = 0
    for (let passed = 0; passed < 600_000; passed += 100) {
      if (passed % 1_000 === 0) press()
      if (door.relayIsOpen()) onMs += 100
      door.pass(100)
    }
    expect(onMs).toBeLessThanOrEqual(30_000 + 570_000 / 2 + 5_000)
    expect(onMs).toBeGreaterThan(250_000)
  })
})

describe('an owner who unlocks near the end of what the coil may take', () => {
  const unlock = (seq: number) => {
    const fresh = { nonce: door.newId(), expiresAtMs: startMs + door.worldMs() + 5_000, by: 'Ada' }
    const envelope = { v: 1, id: door.newId(), doorId: 'door', seq, atMs: startMs } as const
    door.command({ ...envelope, type: 'unlock', ...fresh })
    return door.log.at(-1)
  }

  it('reads that the lock must rest, and opens it for its whole time after that', () => {
    hold(29_000)
    const reason = 'lock-resting'
    expect(unlock(2)).toMatchObject({ type: 'request-refused', request: 'unlock', reason })
    door.pass(6_000)
    expect(unlock(3)).toMatchObject({ type: 'unlock-accepted', holdMs: 5_000 })
  })
})

describe('a coil that is warm', () => {
  it('is not taken for cold when the door starts again', () => {
    hold(29_000)
    door.pass(1_000)
    door.restart()
    door.happen({ kind: 'clock-confirmed', atMs: startMs + door.worldMs(), source: 'host' })
    expect(door.enter(grantId)).toMatchObject({ outcome: 'paused' })
    door.pass(6_000)
    expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted', unlockedForMs: 5_000 })
  })

  it.each([
    ['during the opening', 103_000, { ms: 23_000, atUptimeMs: 103_000 }],
    ['after the opening', 110_000, { ms: 25_000, atUptimeMs: 105_000 }],
    ['with a clock that lost the last seconds', 99_000, { ms: 20_000, atUptimeMs: 99_000 }],
  ])('counts the opening that a crash interrupted: started again %s', (_, uptimeMs, heat) => {
    const stored = { ms: 20_000, atUptimeMs: 100_000, openUntilUptimeMs: 105_000 }
    expect(heatAfterStart(stored, uptimeMs)).toEqual(heat)
  })
})

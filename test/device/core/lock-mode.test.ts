/** Locked mode and passage mode. */

import { describe, expect, it } from 'vitest'
import type { ConfiguredMode } from '../../../device/core/door/state.ts'
import { keypadView } from '../../../device/core/keypad/keypad-view.ts'
import { oneTimeCredential } from '../../../protocol/messages/cloud.ts'
import { createDoorModel, shippedRules } from '../../support/door/door-model.ts'

const grantId = 'b'.repeat(32)
const startMs = Date.UTC(2026, 5, 1)

function doorIn(mode: ConfiguredMode) {
  const door = createDoorModel(shippedRules)
  const nowMs = () => startMs + door.worldMs()
  let seq = 0
  const envelope = () => {
    seq += 1
    return { v: 1, id: door.newId(), doorId: 'door', seq, atMs: nowMs() } as const
  }
  const confirmTime = () => door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  door.happen({ kind: 'started' })
  door.happen({ kind: 'contact-changed', open: false })
  confirmTime()
  const grant = (id: string) =>
    door.command({
      ...envelope(),
      type: 'grant',
      credential: oneTimeCredential({
        grantId: id,
        visitId: null,
        visitorId: 'c'.repeat(32),
        visitorName: 'Ada',
        language: 'en',
        digits: 8,
        notBeforeMs: nowMs(),
        expiresAtMs: nowMs() + 300_000,
      }),
    })
  grant(grantId)
  const saidBefore = door.log.length
  door.restart({ mode })
  confirmTime()
  return {
    ...door,
    grant,
    said: () => door.log.slice(saidBefore),
    confirmTime,
    unlock: () =>
      door.command({
        ...{
          ...envelope(),
          type: 'unlock',
          by: 'the owner',
          nonce: door.newId(),
          expiresAtMs: nowMs() + 5_000,
        },
      }),
    last: () => door.log.at(-1),
    view: () => keypadView(door.state(), 'Front door', door.uptimeMs()),
  }
}

describe('a door that stays locked', () => {
  it('judges no code, and neither counts it nor uses it up', () => {
    const door = doorIn('locked')
    const before = door.log.length
    for (let tries = 0; tries < 20; tries += 1) {
      expect(door.enter(grantId)).toEqual({ outcome: 'paused', pausedForMs: 0 })
    }
    expect(door.relayIsOpen()).toBe(false)
    expect(door.state().lockout.wrongInRow).toBe(0)
    expect(door.grants.get(grantId)?.closed).toBe(null)
    expect(door.log.length).toBe(before)
  })

  it('shows that it is locked, even before it knows the time', () => {
    const door = doorIn('locked')
    expect(door.view().keypad).toBe('shut')
    door.restart()
    expect(door.view().keypad).toBe('shut')
  })

  it('refuses new grants, so that no code is texted', () => {
    const door = doorIn('locked')
    const another = 'd'.repeat(32)
    door.grant(another)
    const reason = 'door-locked'
    expect(door.last()).toEqual({ type: 'grant-refused', grantId: another, reason })
    expect(door.grants.has(another)).toBe(false)
    door.restart({ mode: 'normal' })
    door.confirmTime()
    expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted' })
  })

  it('refuses a command to unlock, and says why', () => {
    const door = doorIn('locked')
    door.unlock()
    expect(door.relayIsOpen()).toBe(false)
    expect(door.last()).toMatchObject({
      type: 'request-refused',
      origin: 'cloud',
      by: 'the owner',
      request: 'unlock',
      reason: 'door-locked',
    })
  })

  it('refuses an integration too', () => {
    const door = doorIn('locked')
    door.happen({ kind: 'unlock-requested', origin: 'integration', by: 'Home Assistant' })
    expect(door.relayIsOpen()).toBe(false)
    expect(door.last()).toEqual({
      type: 'request-refused',
      origin: 'integration',
      by: 'Home Assistant',
      commandId: null,
      request: 'unlock',
      reason: 'door-locked',
    })
  })

  it('lets people out', () => {
    const door = doorIn('locked')
    door.happen({ kind: 'exit-pressed' })
    expect(door.relayIsOpen()).toBe(true)
    door.pass(5_000)
    expect(door.relayIsOpen()).toBe(false)
  })

  it('still rings', () => {
    const door = doorIn('locked')
    door.happen({ kind: 'bell-pressed' })
    expect(door.last()).toMatchObject({ type: 'bell-rung' })
  })
})

describe('a door that stands open', () => {
  it('is open from its start on, which the log says once', () => {
    const door = doorIn('passage')
    expect(door.said().slice(0, 2)).toMatchObject([
      { type: 'door-started' },
      { type: 'door-state', lock: 'unlocked' },
    ])
    const said = door.log.length
    for (let hours = 0; hours < 3_600; hours += 1) {
      door.pass(1_000)
      expect(door.relayIsOpen()).toBe(true)
    }
    expect(door.log.length).toBe(said)
    expect(door.view().lock).toBe('unlocked')
  })

  it('is never promised more than ten seconds, so that it locks when the daemon is gone', () => {
    const door = doorIn('passage')
    for (let steps = 0; steps < 100; steps += 1) {
      door.pass(700)
      const leftMs = (door.state().openUntilUptimeMs ?? 0) - door.uptimeMs()
      expect(leftMs).toBeGreaterThan(4_000)
      expect(leftMs).toBeLessThanOrEqual(10_000)
    }
  })

  it('stays open when its leaf moves, which is no alarm', () => {
    const door = doorIn('passage')
    door.pass(60_000)
    door.happen({ kind: 'contact-changed', open: true })
    expect(door.last()).toEqual({ type: 'door-opened' })
    door.pass(30_000)
    expect(door.relayIsOpen()).toBe(true)
  })

  it('stays open through whatever else opens it for a while', () => {
    const door = doorIn('passage')
    expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted' })
    door.happen({ kind: 'exit-pressed' })
    door.unlock()
    door.pass(60_000)
    expect(door.relayIsOpen()).toBe(true)
  })

  it('locks when it is stopped', () => {
    const door = doorIn('passage')
    door.happen({ kind: 'stopping', signal: 'SIGTERM' })
    door.pass(60_000)
    expect(door.relayIsOpen()).toBe(false)
  })

  it('takes up no opening of a code after a power cut that ended in another mode', () => {
    const door = doorIn('normal')
    door.enter(grantId)
    door.powerCut(1_000)
    expect(door.relayIsOpen()).toBe(false)
  })
})

/** How long an opening lasts: until the door has opened, and longer for those who need it. */

import { describe, expect, it } from 'vitest'
import type { DoorRules } from '../../../../device/core/door/state.ts'
import { oneTimeCredential } from '../../../../protocol/messages/cloud.ts'
import { createDoorModel, shippedRules } from '../../../support/door/door-model.ts'

const visitorId = 'c'.repeat(32)
const grantId = 'b'.repeat(32)
const startMs = Date.UTC(2026, 5, 1)

function doorWith(rules: Partial<DoorRules> = {}) {
  const door = createDoorModel({ ...shippedRules, ...rules })
  const nowMs = () => startMs + door.worldMs()
  door.happen({ kind: 'started' })
  door.happen({ kind: 'contact-changed', open: false })
  door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  door.command({
    v: 1,
    id: door.newId(),
    doorId: 'door',
    seq: 1,
    atMs: nowMs(),
    type: 'grant',
    credential: oneTimeCredential({
      grantId,
      visitId: null,
      visitorId,
      visitorName: 'Ada',
      language: 'en',
      digits: 8,
      notBeforeMs: nowMs(),
      expiresAtMs: nowMs() + 300_000,
    }),
  })
  return door
}

describe('an opening', () => {
  it('is over soon after the door has opened, and the door is not forced by that', () => {
    const door = doorWith()
    door.enter(grantId)
    door.pass(1_000)
    door.happen({ kind: 'contact-changed', open: true })
    expect(door.relayIsOpen()).toBe(true)
    door.pass(500)
    expect(door.relayIsOpen()).toBe(false)
    expect(door.log.map(({ type }) => type).slice(-4)).toEqual([
      'entry-accepted',
      'visit-ended',
      'door-opened',
      'lock-closed',
    ])
  })

  it('is never made longer by the door opening', () => {
    const door = doorWith()
    door.enter(grantId)
    door.pass(4_900)
    door.happen({ kind: 'contact-changed', open: true })
    door.pass(100)
    expect(door.relayIsOpen()).toBe(false)
  })

  it('lasts its whole time where the bolt must not come back into an open door', () => {
    const door = doorWith({ relockOnOpen: false })
    door.enter(grantId)
    door.happen({ kind: 'contact-changed', open: true })
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(true)
  })

  it('begins anew when somebody wants out through the door that is still open', () => {
    const door = doorWith()
    door.enter(grantId)
    door.happen({ kind: 'contact-changed', open: true })
    door.pass(500)
    door.happen({ kind: 'exit-pressed' })
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(true)
  })

  it('is none when somebody leaves by the handle, whom the button only announces', () => {
    const door = doorWith({ exitUnlocks: false })
    door.happen({ kind: 'exit-pressed' })
    expect(door.relayIsOpen()).toBe(false)
    expect(door.log.at(-1)).toEqual({ type: 'exit-used', origin: 'exit-button', holdMs: 0 })
    door.pass(5_000 + 1_999)
    door.happen({ kind: 'contact-changed', open: true })
    expect(door.log.at(-1)).toEqual({ type: 'door-opened' })
    door.happen({ kind: 'contact-changed', open: false })
    door.pass(1)
    door.happen({ kind: 'contact-changed', open: true })
    expect(door.log.at(-1)).toEqual({ type: 'door-forced' })
  })

  it('for a code is not cut short by somebody who leaves by the handle', () => {
    const door = doorWith({ exitUnlocks: false })
    door.enter(grantId)
    door.happen({ kind: 'exit-pressed' })
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(true)
  })

  it.each([
    ['longer for a visitor who needs it', [visitorId], 15_000, 15_000],
    ['as long as ever for everybody else', ['d'.repeat(32)], 15_000, 5_000],
    ['never shorter', [visitorId], 1_000, 5_000],
  ])('is %s', (_, visitorIds, holdMs, expected) => {
    const door = doorWith({ extended: { holdMs, visitorIds } })
    expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted', unlockedForMs: expected })
  })
})

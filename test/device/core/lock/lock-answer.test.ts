/** What a visitor and the owner learn when the lock does not open after a good code. */
import { beforeEach, describe, expect, it } from 'vitest'
import { keypadView } from '../../../../device/core/keypad/keypad-view.ts'
import { oneTimeCredential } from '../../../../protocol/messages/cloud.ts'
import { createDoorModel, type DoorModel } from '../../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const visitorId = 'c'.repeat(32)
const id = (n: number) => n.toString(16).padStart(32, 'b')
let door: DoorModel

const nowMs = () => startMs + door.worldMs()
const view = () => keypadView(door.state(), 'Door', door.uptimeMs())
const types = () => door.log.map(({ type }) => type)
const failures = () => door.log.filter(({ type }) => type === 'lock-failed')
const bond = (holding: boolean) => door.happen({ kind: 'bond-changed', holding })
const notOpened = { outcome: 'not-opened', language: 'fr' }

function grant(n: number): void {
  door.command({
    v: 1,
    id: door.newId(),
    doorId: 'door',
    seq: n,
    atMs: nowMs(),
    type: 'grant',
    credential: oneTimeCredential({
      grantId: id(n),
      visitId: null,
      visitorId,
      visitorName: 'Ada',
      language: 'fr',
      digits: 8,
      notBeforeMs: nowMs(),
      expiresAtMs: nowMs() + 300_000,
    }),
  })
}

beforeEach(() => {
  door = createDoorModel()
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  grant(1)
})

describe('a good code and a lock that fails', () => {
  beforeEach(() => door.lock('fail'))

  it('tells the visitor in their language, and the owner', () => {
    expect(door.enter(id(1))).toEqual(notOpened)
    expect(failures()).toEqual([
      { type: 'lock-failed', action: 'open', detail: 'the lock did not answer' },
    ])
    expect(view().lock).toBe('locked')
  })

  it('uses the code up, and begins another visit, in which another code can be sent', () => {
    door.enter(id(1))
    expect(door.grants.get(id(1))?.closed).toBe('used')
    expect(types().slice(-5)).toEqual([
      'visit-started',
      'entry-accepted',
      'visit-ended',
      'lock-failed',
      'visit-started',
    ])
    door.lock('open')
    expect(door.enter(id(1))).toMatchObject({ outcome: 'denied' })
    grant(2)
    expect(door.enter(id(2))).toMatchObject({ outcome: 'accepted' })
  })

  it('raises the alarm for each visitor, but not for each press of the exit button', () => {
    const press = () => {
      door.happen({ kind: 'lock-failed', action: 'open', detail: 'again', isNew: false })
    }
    press()
    expect(failures()).toHaveLength(0)
    door.enter(id(1))
    grant(2)
    door.enter(id(2))
    expect(failures()).toHaveLength(2)
  })
})

describe('a good code and a lock that says nothing', () => {
  beforeEach(() => door.lock('nothing'))

  it('is answered within a second, and the page shows no open door until then', () => {
    expect(door.enter(id(1))).toBe(null)
    expect(view().lock).toBe('locked')
    door.pass(999)
    expect(door.lastAnswer()).toBe(null)
    door.pass(1)
    expect(door.lastAnswer()).toEqual(notOpened)
    expect(failures()).toHaveLength(1)
    door.pass(60_000)
    expect(failures()).toHaveLength(1)
    expect(types().filter((type) => type === 'lock-closed')).toHaveLength(1)
  })

  it('opened if the door was pulled open', () => {
    door.happen({ kind: 'contact-changed', open: false })
    door.enter(id(1))
    door.happen({ kind: 'contact-changed', open: true })
    expect(door.lastAnswer()).toMatchObject({ outcome: 'accepted' })
    expect(failures()).toEqual([])
  })
})

describe('with a bond sensor', () => {
  beforeEach(() => bond(true))

  it('the lock is open when the sensor says so', () => {
    expect(door.enter(id(1))).toBe(null)
    expect(view().lock).toBe('locked')
    door.pass(300)
    bond(false)
    expect(door.lastAnswer()).toMatchObject({ outcome: 'accepted', visitorName: 'Ada' })
    expect(view().lock).toBe('unlocked')
  })

  it('a lock that still holds did not open, whatever the relay did', () => {
    door.enter(id(1))
    door.pass(1_000)
    expect(door.lastAnswer()).toEqual(notOpened)
    const detail = 'the bond sensor says that it still holds'
    expect(failures()).toEqual([{ type: 'lock-failed', action: 'open', detail }])
    expect(view().lock).toBe('locked')
  })

  it('a lock that opens late stays open for its time', () => {
    door.enter(id(1))
    door.pass(1_500)
    expect(door.relayIsOpen()).toBe(true)
    bond(false)
    expect(view().lock).toBe('unlocked')
    door.pass(3_500)
    expect(view().lock).toBe('locked')
  })

  it('a lock that should stay open for hours raises one alarm', () => {
    door.restart({ mode: 'passage' })
    bond(true)
    door.pass(3_600_000)
    expect(failures()).toHaveLength(1)
  })

  it('a sensor that is broken keeps the exit button working', () => {
    door.happen({ kind: 'exit-pressed' })
    door.pass(4_999)
    expect(door.relayIsOpen()).toBe(true)
    expect(failures()).toHaveLength(1)
  })
})

/** A lock that tells whether it holds. */
import { beforeEach, describe, expect, it } from 'vitest'
import { createDoorModel, type DoorModel } from '../../../support/door/door-model.ts'

let door: DoorModel
const failures = () => door.log.filter(({ type }) => type === 'lock-failed')
const bond = (holding: boolean) => door.happen({ kind: 'bond-changed', holding })
const leaf = (open: boolean) => door.happen({ kind: 'contact-changed', open })

beforeEach(() => {
  door = createDoorModel()
  door.happen({ kind: 'started' })
})

describe('a lock that should hold', () => {
  beforeEach(() => leaf(false))

  it('and does not is told of once, after a moment in which it may still find its place', () => {
    bond(false)
    door.pass(4_999)
    expect(failures()).toEqual([])
    door.pass(1)
    const detail = 'the bond sensor says that it does not hold'
    expect(failures()).toEqual([{ type: 'lock-failed', action: 'close', detail }])
    expect(door.state().bond.reported).toBe(true)
    door.pass(3_600_000)
    expect(failures()).toHaveLength(1)
  })

  it('and does again is well, until the next time', () => {
    bond(false)
    door.pass(5_000)
    bond(true)
    expect(door.state().bond.reported).toBe(false)
    bond(false)
    door.pass(5_000)
    expect(failures()).toHaveLength(2)
  })

  it('is not asked while it is open, nor while somebody is in the door', () => {
    bond(true)
    door.happen({ kind: 'exit-pressed' })
    bond(false)
    door.pass(4_000)
    leaf(true)
    door.pass(50_000)
    expect(failures()).toEqual([])
    leaf(false)
    door.pass(4_999)
    bond(true)
    door.pass(10_000)
    expect(failures()).toEqual([])
  })

  it('has its moment from when the lock has closed, not from when it opened', () => {
    door.happen({ kind: 'exit-pressed' })
    bond(false)
    door.pass(9_999)
    expect(failures()).toEqual([])
    door.pass(1)
    expect(failures()).toHaveLength(1)
  })

  it('and stays loose after the leaf has closed is told of', () => {
    door.happen({ kind: 'exit-pressed' })
    bond(false)
    leaf(true)
    door.pass(10_000)
    leaf(false)
    door.pass(5_000)
    expect(failures()).toHaveLength(1)
  })
})

it('without a door contact, a lock has as long as a door may be held open', () => {
  bond(false)
  door.pass(59_999)
  expect(failures()).toEqual([])
  door.pass(1)
  expect(failures()).toHaveLength(1)
})

it('a lock that says nothing is never told of', () => {
  leaf(false)
  door.pass(3_600_000)
  expect(failures()).toEqual([])
})

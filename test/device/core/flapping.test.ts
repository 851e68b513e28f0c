/** A sensor that changes again and again: few rows, one alarm, and everything still works. */
import { describe, expect, it } from 'vitest'
import { createDoorModel, type DoorModel } from '../../support/door/door-model.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

function doorAtHome(): DoorModel {
  const door = createDoorModel()
  door.happen({ kind: 'started' })
  door.happen({ kind: 'contact-changed', open: false })
  return door
}

function flap(door: DoorModel, forMs: number, everyMs: number): void {
  for (let ms = 0; ms < forMs; ms += 2 * everyMs) {
    door.happen({ kind: 'contact-changed', open: true })
    door.pass(everyMs)
    door.happen({ kind: 'contact-changed', open: false })
    door.pass(everyMs)
  }
}

const rowsOf = (door: DoorModel, ...types: string[]) =>
  door.log.filter(({ type }) => types.includes(type))

const contactRows = ['door-opened', 'door-closed', 'door-forced', 'door-held-open']

describe('a contact that flaps for an hour', () => {
  it.each([
    ['18 times a second', 56],
    ['once a second', 1_000],
    ['every five seconds', 5_000],
    ['every ten seconds', 10_000],
  ])('%s writes few rows and raises its alarm once', (_, everyMs) => {
    const door = doorAtHome()
    flap(door, hourMs, everyMs)
    expect(rowsOf(door, ...contactRows).length).toBeLessThanOrEqual(202)
    expect(rowsOf(door, 'sensor-unsteady')).toEqual([
      { type: 'sensor-unsteady', sensor: 'contact' },
    ])
    expect(rowsOf(door, 'door-forced').length).toBeGreaterThan(0)
    expect(JSON.stringify(door.log).length).toBeLessThan(100_000)
  })

  it('is reported as steady once, with the number of rows that were left out', () => {
    const door = doorAtHome()
    flap(door, 2 * minuteMs, 1_000)
    expect(rowsOf(door, 'sensor-steady')).toEqual([])
    door.pass(hourMs)
    const [steady, ...more] = rowsOf(door, 'sensor-steady')
    expect(more).toEqual([])
    expect(steady).toMatchObject({ sensor: 'contact', contact: 'closed' })
    const written = rowsOf(door, ...contactRows).length
    expect(steady).toMatchObject({ leftOut: 120 - written })
    door.happen({ kind: 'contact-changed', open: true })
    expect(door.log.at(-1)).toEqual({ type: 'door-forced' })
  })

  it('does not hide that the door is forced', () => {
    const door = doorAtHome()
    // An opening is allowed while the lock is open, so none of these is forced.
    for (let nth = 0; nth < 30; nth += 1) {
      door.happen({ kind: 'exit-pressed' })
      flap(door, 400, 200)
    }
    expect(rowsOf(door, 'door-forced')).toEqual([])
    door.pass(10_000)
    flap(door, minuteMs, 1_000)
    expect(rowsOf(door, 'door-forced')).toHaveLength(1)
  })
})

it('a door in busy use loses no row', () => {
  const door = doorAtHome()
  for (let nth = 0; nth < 100; nth += 1) {
    door.happen({ kind: 'contact-changed', open: true })
    door.pass(6_000)
    door.happen({ kind: 'contact-changed', open: false })
    door.pass(29_000)
  }
  expect(rowsOf(door, ...contactRows)).toHaveLength(200)
  expect(rowsOf(door, 'sensor-unsteady')).toEqual([])
})

it('an exit button that flaps opens the lock each time', () => {
  const door = doorAtHome()
  for (let nth = 0; nth < 1_000; nth += 1) {
    door.happen({ kind: 'exit-pressed' })
    expect(door.relayIsOpen()).toBe(true)
    door.pass(6_000)
    expect(door.relayIsOpen()).toBe(false)
  }
  expect(rowsOf(door, 'exit-used').length).toBeLessThan(210)
  expect(rowsOf(door, 'lock-closed').length).toBeLessThan(210)
  expect(rowsOf(door, 'sensor-unsteady')).toHaveLength(1)
})

it('sensors are counted apart', () => {
  const door = doorAtHome()
  flap(door, minuteMs, 1_000)
  door.happen({ kind: 'bell-pressed' })
  expect(door.log.at(-1)?.type).toBe('bell-rung')
})

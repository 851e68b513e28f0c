/**
 * What a bad line does to the order of things, held against the pure core: ten thousand messages
 * that come twice, late and in any order leave a door as if each had come once and in turn.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CloudBody, CloudMessage } from '../../../../protocol/messages/cloud.ts'
import type { Language } from '../../../../protocol/messages/shared.ts'
import { createDoorModel, type DoorModel } from '../../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const id = (kind: string, n: number) => `${kind}${n.toString(16)}`.padStart(32, '0')

interface Delivery {
  readonly index: number
  /** Where in the row it comes, and how long the door has waited then. */
  readonly at: number
  readonly waitMs: number
}

const commandsPerRun = 40
const runs = 150
const messages = { told: 0 }

const visitor = fc.integer({ min: 1, max: 4 })
const body: fc.Arbitrary<(nth: number) => CloudBody> = fc.oneof(
  { weight: 4, arbitrary: visitor.map((who) => (nth: number) => grant(nth, who)) },
  {
    weight: 2,
    arbitrary: fc.nat(commandsPerRun).map(
      (back) =>
        (nth: number): CloudBody => ({
          type: 'revoke-grant',
          grantId: id('a', Math.max(0, nth - back)),
          reason: 'the owner changed their mind',
        }),
    ),
  },
  {
    weight: 2,
    arbitrary: visitor.map(
      (who) =>
        (nth: number): CloudBody => ({
          ...{
            type: 'visitor-changed',
            visitorId: id('b', who),
            name: `Name ${nth}`,
            language: 'de',
          },
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: visitor.map(
      (who) => (): CloudBody => ({
        ...{ type: 'visitor-removed', visitorId: id('b', who) },
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1_000, max: 9_000 }).map(
      (holdMs) =>
        (nth: number): CloudBody => ({
          type: 'settings',
          revision: nth,
          settings: {
            ...{ unlockHoldMs: holdMs, heldOpenAfterMs: 60_000, language: 'en', passcodeDigits: 6 },
          },
        }),
    ),
  },
)

const grant = (nth: number, who: number): CloudBody => ({
  ...{ type: 'grant', grantId: id('a', nth), visitId: null, visitorId: id('b', who) },
  ...{ visitorName: `Granted ${nth}`, language: 'en', digits: 6 },
  ...{ notBeforeMs: startMs, expiresAtMs: startMs + 290_000 },
})

const delivery = (index: number): fc.Arbitrary<Delivery[]> =>
  fc.array(
    fc.record({
      index: fc.constant(index),
      at: fc.nat(1_000_000),
      waitMs: fc.constantFrom(0, 0, 0, 10, 500),
    }),
    { minLength: 1, maxLength: 3 },
  )

const script = fc
  .array(body, { minLength: commandsPerRun, maxLength: commandsPerRun })
  .chain((bodies) =>
    fc.record({
      commands: fc.constant(inSequence(bodies.map((make, nth) => make(nth + 1)))),
      deliveries: fc
        .tuple(...bodies.map((_, index) => delivery(index)))
        .map((all) => all.flat().sort((a, b) => a.at - b.at)),
    }),
  )

/** As a cloud tells it: who is removed never comes back under that id, and a grant has the name of then. */
function inSequence(bodies: readonly CloudBody[]): readonly CloudMessage[] {
  const removed = new Map<string, number>()
  const names = new Map<string, { readonly name: string; readonly language: Language }>()
  return bodies.map((one, index) => {
    if (!('visitorId' in one)) return commandOf(one, index + 1)
    const before = removed.get(one.visitorId) ?? 0
    if (one.type === 'visitor-removed') removed.set(one.visitorId, before + 1)
    const visitorId =
      before === 0 ? one.visitorId : `${before}`.padEnd(4, 'e') + one.visitorId.slice(4)
    if (one.type === 'visitor-changed') names.set(visitorId, one)
    if (one.type !== 'grant') return commandOf({ ...one, visitorId }, index + 1)
    const { name: visitorName, language } = names.get(visitorId) ?? firstName
    return commandOf({ ...one, visitorId, visitorName, language }, index + 1)
  })
}

const firstName = { name: 'Kim Lake', language: 'en' } as const

const commandOf = (body: CloudBody, seq: number): CloudMessage => ({
  ...{ v: 1, id: id('c', seq), doorId: 'door', seq, atMs: startMs },
  ...body,
})

function doorThatKnowsTheTime(): DoorModel {
  const door = createDoorModel()
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: startMs, source: 'host' })
  return door
}

/** What people notice of it: who can come in, how they are greeted, and what the owner has set. */
function sum(door: DoorModel) {
  const open = [...door.grants.values()].filter(({ closed }) => !closed)
  const greeted = open.map(({ grantId, visitorId }) => {
    const name = door.visitors.get(visitorId)?.known?.name
    return `${grantId} ${name}`
  })
  return { greeted: greeted.sort(), settings: door.state().settings }
}

const named = (door: DoorModel): string[] =>
  [...door.visitors.values()].flatMap(({ visitorId, known }) => (known ? [visitorId] : []))

test('leaves the door as if every message had come once and in turn', () => {
  fc.assert(
    fc.property(script, ({ commands, deliveries }) => {
      const [inTurn, inWeather] = [doorThatKnowsTheTime(), doorThatKnowsTheTime()]
      for (const command of commands) inTurn.command(command)
      for (const { index, waitMs } of deliveries) {
        const command = commands[index]
        if (command) inWeather.command(command)
        inWeather.pass(waitMs)
        messages.told += 1
      }
      expect(sum(inWeather)).toEqual(sum(inTurn))
      // Somebody whose code was withdrawn before it came may not be known, but nobody is remembered
      // who should be forgotten.
      expect(named(inTurn)).toEqual(expect.arrayContaining(named(inWeather)))
    }),
    { numRuns: runs },
  )
  expect(messages.told).toBeGreaterThan(10_000)
})

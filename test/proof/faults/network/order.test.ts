/**
 * The core against a bad connection: messages that arrive up to three times, late and in any order
 * leave a door as if each had arrived once and in order.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type CloudBody,
  type CloudMessage,
  oneTimeCredential,
} from '../../../../protocol/messages/cloud.ts'
import type { Language } from '../../../../protocol/messages/shared.ts'
import { createDoorModel, type DoorModel } from '../../../support/door/door-model.ts'
import { runs } from '../../../support/effort.ts'

const startMs = Date.UTC(2026, 5, 1)
const id = (kind: string, n: number) => `${kind}${n.toString(16)}`.padStart(32, '0')

interface Delivery {
  readonly index: number
  /** Its place in the order of arrival, and how long the door waits afterwards. */
  readonly at: number
  readonly waitMs: number
}

const commandsPerRun = 40
const numRuns = runs(30, 300)
let delivered = 0

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
            ...{
              unlockHoldMs: holdMs,
              heldOpenAfterMs: 60_000,
              language: 'en',
              passcodeDigits: 8,
              timeZone: 'UTC',
            },
          },
        }),
    ),
  },
)

const grant = (nth: number, who: number): CloudBody => ({
  type: 'grant',
  credential: oneTimeCredential({
    grantId: id('a', nth),
    visitId: null,
    visitorId: id('b', who),
    visitorName: `Granted ${nth}`,
    language: 'en',
    digits: 8,
    notBeforeMs: startMs,
    expiresAtMs: startMs + 290_000,
  }),
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

/** As the real cloud sends them: a removed visitor's id is never used again, and a grant has the current name. */
function inSequence(bodies: readonly CloudBody[]): readonly CloudMessage[] {
  const removed = new Map<string, number>()
  const names = new Map<string, { readonly name: string; readonly language: Language }>()
  return bodies.map((one, index) => {
    const known = one.type === 'grant' ? one.credential.holder.visitorId : visitorIn(one)
    if (known === null) return commandOf(one, index + 1)
    const before = removed.get(known) ?? 0
    if (one.type === 'visitor-removed') removed.set(known, before + 1)
    const visitorId = before === 0 ? known : `${before}`.padEnd(4, 'e') + known.slice(4)
    if (one.type === 'visitor-changed') names.set(visitorId, one)
    if (one.type !== 'grant')
      return commandOf({ ...one, ...(visitorIn(one) && { visitorId }) }, index + 1)
    const { name, language } = names.get(visitorId) ?? firstName
    const credential = { ...one.credential, holder: { visitorId, name, language } }
    return commandOf({ ...one, credential }, index + 1)
  })
}

const visitorIn = (body: CloudBody): string | null => ('visitorId' in body ? body.visitorId : null)

const firstName = { name: 'Kim Lake', language: 'en' } as const

const commandOf = (body: CloudBody, seq: number): CloudMessage => ({
  ...{ v: 1, id: id('c', seq), doorId: 'door', seq, atMs: startMs },
  ...body,
})

function doorWithKnownTime(): DoorModel {
  const door = createDoorModel()
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: startMs, source: 'host' })
  return door
}

/** What people notice: who can enter, how they are greeted, and the owner's settings. */
function visibleState(door: DoorModel) {
  const open = [...door.grants.values()].filter(({ closed }) => !closed)
  const greeted = open.map(({ grantId, visitorId }) => {
    const name = door.visitors.get(visitorId)?.known?.name
    return `${grantId} ${name}`
  })
  return { greeted: greeted.sort(), settings: door.state().settings }
}

const named = (door: DoorModel): string[] =>
  [...door.visitors.values()].flatMap(({ visitorId, known }) => (known ? [visitorId] : []))

test('messages in any order leave the door as if each had arrived once and in order', () => {
  fc.assert(
    fc.property(script, ({ commands, deliveries }) => {
      const [inOrder, shuffled] = [doorWithKnownTime(), doorWithKnownTime()]
      for (const command of commands) inOrder.command(command)
      for (const { index, waitMs } of deliveries) {
        const command = commands[index]
        if (command) shuffled.command(command)
        shuffled.pass(waitMs)
        delivered += 1
      }
      expect(visibleState(shuffled)).toEqual(visibleState(inOrder))
      // A visitor whose code was revoked before it arrived may be missing; no removed one is left.
      expect(named(inOrder)).toEqual(expect.arrayContaining(named(shuffled)))
    }),
    { numRuns },
  )
  expect(delivered).toBeGreaterThan(numRuns * commandsPerRun)
})

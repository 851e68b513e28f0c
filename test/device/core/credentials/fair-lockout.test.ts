/** A keypad cannot tell who types: whatever strangers do to it, a visitor with a good code gets in. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DoorRules } from '../../../../device/core/door/state.ts'
import { type CloudBody, oneTimeCredential } from '../../../../protocol/messages/cloud.ts'
import { createDoorModel, type DoorModel, shippedRules } from '../../../support/door/door-model.ts'
import { runs } from '../../../support/effort.ts'

const startMs = Date.UTC(2026, 5, 1)
const longestWaitMs = 30_000
const id = (n: number) => n.toString(16).padStart(32, '0')

interface Step {
  /** What a failing run prints. */
  readonly what: string
  readonly run: (world: World) => void
}

function worldOf(door: DoorModel) {
  let grants = 0
  let seq = 0
  const send = (body: CloudBody) => {
    const envelope = { v: 1, id: door.newId(), doorId: 'door', atMs: nowMs() } as const
    seq += 1
    door.command({ ...envelope, seq, ...body })
  }
  const nowMs = () => startMs + door.worldMs()
  return {
    door,
    confirmClock: (errorMs = 0) =>
      door.happen({ kind: 'clock-confirmed', atMs: nowMs() + errorMs, source: 'host' }),
    /** Sends a visitor a code, and returns the id of its grant. */
    grantCode(): string {
      grants += 1
      const grantId = id(1_000 + grants)
      const validity = { notBeforeMs: nowMs(), expiresAtMs: nowMs() + 300_000 }
      const who = { visitId: null, visitorId: id(7), visitorName: 'Robin', language: 'en' } as const
      send({
        type: 'grant',
        credential: oneTimeCredential({ grantId, digits: 8, ...who, ...validity }),
      })
      return grantId
    },
  }
}
type World = ReturnType<typeof worldOf>

/** Waits as the keypad says, and types the code again. */
function opensAfterMs({ door }: World, grantId: string): number {
  const first = door.enter(grantId)
  if (first?.outcome === 'accepted') return 0
  if (first?.outcome !== 'paused') throw new Error(`a good code was ${first?.outcome}`)
  door.pass(first.pausedForMs)
  const second = door.enter(grantId)
  return second?.outcome === 'accepted' ? first.pausedForMs : Number.POSITIVE_INFINITY
}

const byStrangers: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 60 }).map((count) => ({
      what: `${count} wrong codes, each as soon as possible`,
      run({ door }: World) {
        for (let nth = 0; nth < count; nth += 1) {
          const answer = door.enter(null)
          if (answer && 'pausedForMs' in answer) door.pass(answer.pausedForMs)
        }
        door.enter(null)
      },
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, 1_000, 29_999, 30_000, 60_000, 3_600_000, 86_400_000)
      .map((ms) => ({ what: `pass ${ms}`, run: ({ door }: World) => door.pass(ms) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 1_000, 3_600_000).map((ms) => ({
      what: `power cut for ${ms}`,
      run({ door, confirmClock }: World) {
        door.powerCut(ms)
        confirmClock()
      },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      what: 'another visitor gets in',
      run: (world: World) => void opensAfterMs(world, world.grantCode()),
    }),
  },
)

const attack = fc.array(byStrangers, { minLength: 1, maxLength: 20, size: 'max' })

/** Whether the good code opens within 30 s, whatever strangers typed before and after it was sent. */
const fairness = (rules: DoorRules) =>
  fc.property(attack, fc.integer({ min: 0, max: 10 }), (steps, wrongMeanwhile) => {
    const world = worldOf(createDoorModel(rules))
    world.door.happen({ kind: 'started' })
    world.confirmClock()
    for (const { run } of steps) run(world)
    const grantId = world.grantCode()
    // Strangers type on until the visitor is at the keypad, a minute later at most.
    for (let nth = 0; nth < wrongMeanwhile; nth += 1) {
      world.door.enter(null)
      world.door.pass(6_000)
    }
    expect(opensAfterMs(world, grantId)).toBeLessThanOrEqual(longestWaitMs)
  })

test('a code that was just sent opens the door after thirty seconds at most', () => {
  fc.assert(fairness(shippedRules), { numRuns: runs(60, 1_000) })
})

test.each([
  ['waits that grow to a minute', { longestWaitMs: 60_000 }],
  ['a pause of an hour once a day has many wrong codes', { longestWaitMs: 3_600_000 }],
])('the check fails with %s', (_, broken) => {
  const rules = { ...shippedRules, lockout: { ...shippedRules.lockout, ...broken } }
  expect(fc.check(fairness(rules), { numRuns: 200 }).failed).toBe(true)
})

test('neither restarts, clocks nor new credentials make wrong codes cheaper', () => {
  const act = fc.constantFrom<Step>(
    { what: 'restart', run: ({ door }) => door.restart() },
    { what: 'power cut', run: ({ door }) => door.powerCut(3_600_000) },
    { what: 'clock ahead', run: ({ confirmClock }) => confirmClock(86_400_000) },
    { what: 'clock back', run: ({ confirmClock }) => confirmClock(-86_400_000) },
    { what: 'clock right', run: ({ confirmClock }) => confirmClock() },
    { what: 'new code', run: ({ grantCode }) => void grantCode() },
    { what: 'bell', run: ({ door }) => door.happen({ kind: 'bell-pressed' }) },
  )
  const acts = fc.array(act, { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.array(acts, { minLength: 1, maxLength: 40, size: 'max' }), (rounds) => {
      const world = worldOf(createDoorModel())
      const { door } = world
      world.confirmClock()
      let wrong = 0
      for (const round of rounds) {
        door.pass(Math.max(0, door.state().lockout.pausedUntilUptimeMs - door.uptimeMs()))
        door.enter(null)
        wrong += 1
        const before = door.state().lockout
        for (const { run } of round) run(world)
        expect(door.state().lockout).toEqual(before)
        expect(before.wrongInRow).toBe(wrong)
      }
    }),
    { numRuns: runs(50, 500) },
  )
})

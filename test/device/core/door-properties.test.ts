/**
 * The three invariants that people's homes hang on, in random sequences of events, replays,
 * crashes, restarts and clocks that lie.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit } from '../../../device/core/credentials/admission.ts'
import type { DoorMode } from '../../../device/core/door/state.ts'
import { earliestNowMs } from '../../../device/core/time/trusted-time.ts'
import type { CloudBody, CloudMessage } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import {
  type Crash,
  createDoorModel,
  type DoorModel,
  shippedRules,
} from '../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const id = (n: number) => n.toString(16).padStart(32, 'a')
const crashes: Crash[] = ['never', 'never', 'never', 'before-keeping', 'before-acting']

/** A door and a cloud that remembers what it sent, so that it can send it again. */
function createWorld(door: DoorModel = createDoorModel()) {
  let seq = 0
  const sent: CloudMessage[] = []
  const nowMs = () => startMs + door.worldMs()
  return {
    door,
    sent,
    nowMs,
    send(body: CloudBody, crash: Crash = 'never') {
      seq += 1
      const envelope = { v: 1, id: door.newId(), doorId: 'door', seq, atMs: nowMs() } as const
      const message: CloudMessage = { ...envelope, ...body }
      sent.push(message)
      door.command(message, crash)
    },
    replay(index: number) {
      const message = sent[index % Math.max(1, sent.length)]
      if (message) door.command(message)
    },
  }
}
type World = ReturnType<typeof createWorld>

interface Step {
  readonly what: string
  readonly run: (world: World) => void
}

const crash = fc.constantFrom(...crashes)
const person = fc.integer({ min: 1, max: 5 })
const step = (arbitrary: fc.Arbitrary<Step>) => arbitrary

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: step(
      fc
        .record({
          n: person,
          validMs: fc.constantFrom(1_000, 60_000, 300_000, 400_000),
          mode: crash,
        })
        .map(({ n, validMs, mode }) => ({
          what: `grant ${n} for ${validMs} (${mode})`,
          run: ({ send, nowMs }) =>
            send(
              {
                type: 'grant',
                grantId: id(n),
                visitId: null,
                visitorId: id(100 + (n % 3)),
                visitorName: 'Visitor',
                language: 'en',
                digits: 6,
                notBeforeMs: nowMs(),
                expiresAtMs: nowMs() + validMs,
              },
              mode,
            ),
        })),
    ),
  },
  {
    weight: 8,
    arbitrary: step(
      fc.record({ n: person, mode: crash }).map(({ n, mode }) => ({
        what: `enter code ${n} (${mode})`,
        run: ({ door }) => void door.enter(id(n), mode),
      })),
    ),
  },
  {
    weight: 5,
    arbitrary: step(
      fc.record({ mode: crash }).map(({ mode }) => ({
        what: `enter wrong code (${mode})`,
        run: ({ door }) => void door.enter(null, mode),
      })),
    ),
  },
  {
    weight: 5,
    arbitrary: step(
      fc
        .constantFrom(0, 1, 500, 5_000, 5_001, 59_999, 60_000, 300_000, 3_600_000, 90_000_000)
        .map((ms) => ({
          what: `pass ${ms}`,
          run: ({ door }) => door.pass(ms),
        })),
    ),
  },
  {
    weight: 2,
    arbitrary: step(
      fc.constantFrom(0, 1_000, 3_600_000).map((ms) => ({
        what: `power cut for ${ms}`,
        run: ({ door }) => door.powerCut(ms),
      })),
    ),
  },
  {
    weight: 3,
    arbitrary: step(
      fc.constantFrom(0, 0, 0, -7_200_000, -1_000, 7_200_000).map((errorMs) => ({
        what: `local clock confirmed, off by ${errorMs}`,
        run: ({ door, nowMs }) =>
          door.happen({ kind: 'clock-confirmed', atMs: nowMs() + errorMs, source: 'ntp' }),
      })),
    ),
  },
  {
    weight: 3,
    arbitrary: step(
      fc
        .record({
          tookMs: fc.constantFrom(0, 200, 20_000),
          errorMs: fc.constantFrom(0, 0, -7_200_000),
        })
        .map(({ tookMs, errorMs }) => ({
          what: `cloud tells the time after ${tookMs}, off by ${errorMs}`,
          run({ door, send, nowMs }) {
            door.happen({ kind: 'link-changed', online: false })
            door.happen({ kind: 'link-changed', online: true })
            door.pass(tookMs)
            const { asked } = door.state().link
            if (!asked) return
            const at = nowMs() + errorMs
            const honest = errorMs === 0
            if (honest) send({ type: 'time', answers: asked.ask })
            else
              door.command({
                v: 1,
                id: door.newId(),
                doorId: 'door',
                seq: 1,
                atMs: at,
                type: 'time',
                answers: asked.ask,
              })
          },
        })),
    ),
  },
  {
    weight: 3,
    arbitrary: step(
      fc
        .record({ lifeMs: fc.constantFrom(-1, 5_000, 10_000, 60_000), mode: crash, n: person })
        .map(({ lifeMs, mode, n }) => ({
          what: `unlock from afar, nonce ${n}, for ${lifeMs} (${mode})`,
          run: ({ send, nowMs }) =>
            send(
              { type: 'unlock', nonce: id(n), expiresAtMs: nowMs() + lifeMs, by: 'owner' },
              mode,
            ),
        })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      person.map((n) => ({
        what: `lift the pause ${n}`,
        run: ({ send, nowMs }) =>
          send({
            type: 'lift-pause',
            nonce: id(50 + n),
            expiresAtMs: nowMs() + 5_000,
            by: 'owner',
          }),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      person.map((n) => ({
        what: `watch from afar ${n}`,
        run: ({ send, nowMs }) =>
          send({
            type: 'watch-live',
            ...{ nonce: id(70 + n), expiresAtMs: nowMs() + 5_000, by: 'owner', forMs: 300_000 },
          }),
      })),
    ),
  },
  {
    weight: 2,
    arbitrary: step(
      person.map((n) => ({
        what: `revoke ${n}`,
        run: ({ send }) => send({ type: 'revoke-grant', grantId: id(n), reason: 'test' }),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      person.map((n) => ({
        what: `remove visitor ${n}`,
        run: ({ send }) => send({ type: 'visitor-removed', visitorId: id(100 + (n % 3)) }),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      fc.constant({
        what: 'whole state, nothing listed',
        run: ({ send, door }: World) =>
          send({
            type: 'state',
            answers: door.state().link.asked?.ask ?? id(0),
            grants: [],
            removedVisitors: [],
            settings: null,
          }),
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: step(
      fc.nat(50).map((index) => ({ what: `replay ${index}`, run: ({ replay }) => replay(index) })),
    ),
  },
  {
    weight: 4,
    arbitrary: step(
      fc.constantFrom(
        { what: 'bell', run: ({ door }: World) => door.happen({ kind: 'bell-pressed' }) },
        { what: 'exit button', run: ({ door }: World) => door.happen({ kind: 'exit-pressed' }) },
        { what: 'motion', run: ({ door }: World) => door.happen({ kind: 'motion', moving: true }) },
        {
          what: 'stillness',
          run: ({ door }: World) => door.happen({ kind: 'motion', moving: false }),
        },
        {
          what: 'leaf opens',
          run: ({ door }: World) => door.happen({ kind: 'contact-changed', open: true }),
        },
        {
          what: 'leaf closes',
          run: ({ door }: World) => door.happen({ kind: 'contact-changed', open: false }),
        },
        {
          what: 'lock holds',
          run: ({ door }: World) => door.happen({ kind: 'bond-changed', holding: true }),
        },
        {
          what: 'lock does not hold',
          run: ({ door }: World) => door.happen({ kind: 'bond-changed', holding: false }),
        },
        {
          what: 'stop',
          run: ({ door }: World) => door.happen({ kind: 'stopping', signal: 'SIGTERM' }),
        },
      ),
    ),
  },
)

const timeline = fc.array(steps, { minLength: 1, maxLength: 60, size: 'max' })

/** Runs the story, calling `check` with what each step added to the log. */
function play(
  timeline: readonly Step[],
  check: (world: World, added: readonly DoorBody[]) => void,
  mode: DoorMode = 'normal',
): World {
  const world = createWorld(createDoorModel({ ...shippedRules, mode }))
  world.door.happen({ kind: 'started' })
  world.door.happen({ kind: 'clock-confirmed', atMs: world.nowMs(), source: 'host' })
  for (const { run } of timeline) {
    const before = world.door.log.length
    run(world)
    check(world, world.door.log.slice(before))
  }
  return world
}

const runs = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 3_000) }
const property = (check: (timeline: readonly Step[]) => void) =>
  fc.assert(fc.property(timeline, check), {
    ...runs,
    reporter: (outcome) => {
      if (!outcome.failed) return
      const found = outcome.counterexample?.[0].map(({ what }) => what).join('\n  ')
      throw new Error(`seed ${outcome.seed}: ${outcome.errorInstance}\n  ${found}`)
    },
  })

const opensLock = ['entry-accepted', 'unlocked-remotely', 'exit-used']

describe('in every sequence of events', () => {
  it('the lock is open only after an accepted code, a fresh command or the exit button, and only for as long as that allowed', () => {
    property((timeline) => {
      let allowedUntilUptimeMs = 0
      play(timeline, ({ door }, added) => {
        for (const body of added) {
          if (opensLock.includes(body.type) && 'holdMs' in body) {
            allowedUntilUptimeMs = Math.max(allowedUntilUptimeMs, door.uptimeMs() + body.holdMs)
          }
        }
        if (door.relayIsOpen()) expect(door.uptimeMs()).toBeLessThan(allowedUntilUptimeMs)
        const { openUntilUptimeMs } = door.state()
        if (openUntilUptimeMs !== null)
          expect(openUntilUptimeMs).toBeGreaterThanOrEqual(door.uptimeMs())
      })
    })
  })

  it('a door that stays locked opens for the exit button only, and judges nothing', () => {
    property((timeline) => {
      let leavingUntilUptimeMs = 0
      play(
        timeline,
        ({ door }, added) => {
          for (const body of added) {
            expect(['entry-accepted', 'entry-refused', 'unlocked-remotely']).not.toContain(
              body.type,
            )
            if (body.type === 'exit-used') leavingUntilUptimeMs = door.uptimeMs() + body.holdMs
          }
          if (door.relayIsOpen()) expect(door.uptimeMs()).toBeLessThan(leavingUntilUptimeMs)
          expect(door.accepted).toEqual([])
          expect(door.state().lockout.wrongInRow).toBe(0)
        },
        'locked',
      )
    })
  })

  it('a door that stands open does so until it is stopped, and never on a promise of a minute', () => {
    property((timeline) => {
      let stopped = false
      play(
        timeline,
        ({ door }, added) => {
          for (const { type } of added) {
            if (type === 'door-stopped') stopped = true
            if (type === 'door-started') stopped = false
          }
          const { openUntilUptimeMs } = door.state()
          if (!stopped) expect(door.relayIsOpen()).toBe(true)
          if (openUntilUptimeMs !== null) {
            expect(openUntilUptimeMs - door.uptimeMs()).toBeLessThanOrEqual(15_000)
          }
        },
        'unlocked',
      )
    })
  })

  it('an alarm about a loose lock is raised only while it should hold, and once each time', () => {
    property((timeline) => {
      let loose = false
      play(timeline, ({ door }, added) => {
        const { bond, contact, openUntilUptimeMs } = door.state()
        const alarms = added.filter(({ type }) => type === 'lock-failed').length
        if (alarms > 0) expect(bond.is).toBe('released')
        if (loose && bond.told) expect(alarms).toBe(0)
        loose = bond.told
        if (!bond.told) return
        expect([contact.is, openUntilUptimeMs]).not.toContain('open')
        expect(openUntilUptimeMs).toBe(null)
      })
    })
  })

  it('nobody looks through the camera but for five minutes after a fresh wish', () => {
    property((timeline) => {
      let allowedUntilUptimeMs = 0
      play(timeline, ({ door }, added) => {
        for (const body of added) {
          if (body.type === 'live-watched') allowedUntilUptimeMs = door.uptimeMs() + body.forMs
        }
        const { watchedUntilUptimeMs } = door.state()
        if (watchedUntilUptimeMs === null) return
        expect(watchedUntilUptimeMs).toBeGreaterThan(door.uptimeMs())
        expect(watchedUntilUptimeMs).toBeLessThanOrEqual(allowedUntilUptimeMs)
      })
    })
  })

  it('a code that was accepted is never accepted again', () => {
    property((timeline) => {
      const { door } = play(timeline, () => {})
      expect(new Set(door.accepted).size).toBe(door.accepted.length)
    })
  })

  it('a code that had expired or was withdrawn stays so, whatever the clocks say', () => {
    property((timeline) => {
      const dead = new Set<string>()
      play(timeline, ({ door }, added) => {
        for (const body of added) {
          if (body.type === 'entry-accepted') expect(dead).not.toContain(body.grantId)
        }
        // By the time that it has written down: what it only ran past before a crash, nobody was told.
        const { highWaterMs } = door.state().time
        for (const { grantId, expiresAtMs, closed } of door.grants.values()) {
          if (closed || expiresAtMs <= highWaterMs) dead.add(grantId)
        }
      })
    })
  })

  it('no code is accepted more than five minutes after it was stored', () => {
    property((timeline) => {
      const storedAtMs = new Map<string, number>()
      play(timeline, ({ nowMs }, added) => {
        for (const body of added) {
          if (body.type === 'grant-stored' && !storedAtMs.has(body.grantId))
            storedAtMs.set(body.grantId, nowMs())
          // A power cut hides time from the door only until its clock is confirmed again.
          if (body.type === 'entry-accepted' && !liedTo(timeline)) {
            expect(nowMs() - (storedAtMs.get(body.grantId) ?? 0)).toBeLessThan(300_000)
          }
        }
      })
    })
  })

  it('wrong codes are forgotten only after a good one or by the owner', () => {
    property((timeline) => {
      let before = { row: 0, pauses: 0, untilUptimeMs: 0 }
      play(timeline, ({ door }, added) => {
        const { wrongInRow, pausesInRow, pausedUntilUptimeMs } = door.state().lockout
        const now = { row: wrongInRow, pauses: pausesInRow, untilUptimeMs: pausedUntilUptimeMs }
        const forgiven = added.some(
          ({ type }) => type === 'entry-accepted' || type === 'keypad-resumed',
        )
        if (!forgiven) {
          expect(now.row).toBeGreaterThanOrEqual(before.row)
          expect(now.pauses).toBeGreaterThanOrEqual(before.pauses)
          expect(now.untilUptimeMs).toBeGreaterThanOrEqual(before.untilUptimeMs)
        }
        before = now
      })
    })
  })

  it('no code is judged while the keypad is paused', () => {
    property((timeline) => {
      let pausedUntilUptimeMs = 0
      play(timeline, ({ door }, added) => {
        const lifted = added.some(({ type }) => type === 'keypad-resumed')
        if (lifted) pausedUntilUptimeMs = 0
        if (added.some(({ type }) => type === 'entry-accepted' || type === 'entry-refused')) {
          expect(door.uptimeMs()).toBeGreaterThanOrEqual(pausedUntilUptimeMs)
        }
        pausedUntilUptimeMs = door.state().lockout.pausedUntilUptimeMs
      })
    })
  })

  it('a command from afar opens the lock at most once', () => {
    property((timeline) => {
      const done: string[] = []
      play(timeline, (_, added) => {
        for (const body of added) if (body.type === 'unlocked-remotely') done.push(body.commandId)
      })
      expect(new Set(done).size).toBe(done.length)
    })
  })

  it('a command from afar that comes too late, or without a known time, opens nothing', () => {
    property((timeline) => {
      play(timeline, ({ door, sent }, added) => {
        for (const body of added) {
          if (body.type !== 'unlocked-remotely') continue
          const command = sent.find(({ id }) => id === body.commandId)
          if (command?.type !== 'unlock') throw new Error('opened by what is no command')
          const { time } = door.state()
          const nowMs = earliestNowMs(time, door.uptimeMs())
          expect(nowMs).toBeLessThanOrEqual(command.expiresAtMs)
          // Ten seconds, by a clock that may be one second ahead.
          expect(command.expiresAtMs - nowMs).toBeLessThanOrEqual(11_000)
        }
      })
    })
  })

  it('a grant that the door says it has stored would be accepted at that moment', () => {
    property((timeline) => {
      play(timeline, ({ door }, added) => {
        for (const body of added) {
          if (body.type !== 'grant-stored') continue
          const { time } = door.state()
          const verdict = admit(
            door.grants.get(body.grantId) ?? null,
            earliestNowMs(time, door.uptimeMs()),
            time.confirmed,
          )
          // A crash right afterwards takes the confirmed time with it; one for later is for later.
          if (!time.confirmed || (!verdict.admitted && verdict.reason === 'not-yet-valid')) continue
          expect(verdict).toMatchObject({ admitted: true })
        }
      })
    })
  })

  it('what survives a restart is what was decided before it', () => {
    property((timeline) => {
      const { door } = play(timeline, () => {})
      const before = door.state()
      door.restart()
      const after = door.state()
      expect(after.lockout).toEqual(before.lockout)
      expect(after.commands).toEqual(before.commands)
      expect(after.openUntilUptimeMs).toBeNull()
      expect(earliestNowMs(after.time, door.uptimeMs())).toBeGreaterThanOrEqual(
        before.time.highWaterMs,
      )
    })
  })
})

const liedTo = (timeline: readonly Step[]): boolean =>
  timeline.some(({ what }) => /off by -?[1-9]/.test(what))

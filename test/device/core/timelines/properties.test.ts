/**
 * What must hold at every door after every event of every random timeline. Each timeline is played
 * once and checked by all properties of its mode.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { admit } from '../../../../device/core/credentials/admission.ts'
import { dayMs } from '../../../../device/core/credentials/lockout.ts'
import type { ConfiguredMode } from '../../../../device/core/door/state.ts'
import { earliestNowMs, isConfirmed } from '../../../../device/core/time/trusted-time.ts'
import { oneTimeCredential } from '../../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../../protocol/messages/door.ts'
import { createDoorModel, shippedRules } from '../../../support/door/door-model.ts'
import { runs } from '../../../support/effort.ts'
import { modeProperties, modeTimelines } from './mode-steps.ts'
import { sheetProperties } from './sheet-steps.ts'
import { standingProperties } from './standing-properties.ts'
import { grantOf } from './standing-steps.ts'
import {
  type Check,
  createWorld,
  hasWrongClock,
  type Property,
  type Step,
  timelines,
} from './timelines.ts'

const openings = ['entry-accepted', 'unlock-accepted', 'exit-used']

const entries = (log: readonly DoorBody[]) => log.filter((body) => body.type === 'entry-accepted')

const inNormalMode: Readonly<Record<string, Property>> = {
  'the lock is open only as long as a code, a fresh command or the exit button allowed'({ door }) {
    let allowedUntilUptimeMs = 0
    return {
      step(added) {
        for (const body of added) {
          if (openings.includes(body.type) && 'holdMs' in body) {
            allowedUntilUptimeMs = Math.max(allowedUntilUptimeMs, door.uptimeMs() + body.holdMs)
          }
        }
        if (door.relayIsOpen()) expect(door.uptimeMs()).toBeLessThan(allowedUntilUptimeMs)
        const { openUntilUptimeMs } = door.state()
        if (openUntilUptimeMs !== null)
          expect(openUntilUptimeMs).toBeGreaterThanOrEqual(door.uptimeMs())
      },
    }
  },

  'a lock that does not hold raises one alarm, and only while it should hold'({ door }) {
    let wasReported = false
    return {
      step(added) {
        const { bond, contact, openUntilUptimeMs } = door.state()
        const failures = added.flatMap((body) => (body.type === 'lock-failed' ? [body.action] : []))
        const alarms = failures.filter((action) => action === 'close').length
        if (failures.includes('open')) expect(bond.is).toBe('holding')
        if (alarms > 0) expect(bond.is).toBe('released')
        if (wasReported && bond.reported) expect(alarms).toBe(0)
        wasReported = bond.reported
        if (!bond.reported) return
        expect(contact.is).not.toBe('open')
        expect(openUntilUptimeMs).toBe(null)
      },
    }
  },

  'live view lasts no longer than a fresh request allowed'({ door }) {
    let allowedUntilUptimeMs = 0
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'live-watched') allowedUntilUptimeMs = door.uptimeMs() + body.forMs
        }
        const { watchedUntilUptimeMs } = door.state()
        if (watchedUntilUptimeMs === null) return
        expect(watchedUntilUptimeMs).toBeGreaterThan(door.uptimeMs())
        expect(watchedUntilUptimeMs).toBeLessThanOrEqual(allowedUntilUptimeMs)
      },
    }
  },

  'a visit lasts ten minutes at most, and ends with the first entry'({ door }) {
    const entered = new Set<string | null>()
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'visit-ended') expect(body.lastedMs).toBeLessThanOrEqual(600_000)
          if (body.type !== 'entry-accepted') continue
          expect(entered).not.toContain(body.visitId)
          // A courier's visit goes on.
          if (body.grantId !== grantOf('courier')) entered.add(body.visitId)
        }
        const { visit } = door.state().visits
        if (!visit) return
        expect(entered).not.toContain(visit.visitId)
        expect(door.uptimeMs() - visit.startedUptimeMs).toBeLessThan(600_000)
      },
    }
  },

  'an accepted one-time code is never accepted again': ({ door }) => ({
    end() {
      const accepted = entries(door.log).filter(({ credential }) => !credential)
      expect(new Set(accepted.map(({ grantId }) => grantId)).size).toBe(accepted.length)
    },
  }),

  'an expired or revoked code is never accepted, on any clock'({ door }) {
    const dead = new Set<string>()
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'entry-accepted') expect(dead).not.toContain(body.grantId)
        }
        // The persisted time counts: time that a crash erased was never shown to anyone.
        const { highWaterMs } = door.state().time
        for (const { grantId, expiresAtMs, closed, standing } of door.grants.values()) {
          // The owner may prolong a standing one.
          if (closed || (!standing && expiresAtMs <= highWaterMs)) dead.add(grantId)
        }
      },
    }
  },

  'no code is accepted five minutes after it was stored'({ nowMs }, timeline) {
    const storedAtMs = new Map<string, number>()
    const isClockRight = !hasWrongClock(timeline)
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'grant-stored' && !storedAtMs.has(body.grantId))
            storedAtMs.set(body.grantId, nowMs())
          // A power cut hides time from the door only until its clock is confirmed again.
          if (body.type === 'entry-accepted' && !body.credential && isClockRight) {
            expect(nowMs() - (storedAtMs.get(body.grantId) ?? 0)).toBeLessThan(300_000)
          }
        }
      },
    }
  },

  ...standingProperties,
  ...sheetProperties,

  'wrong codes are forgotten only after a good code, by the owner or after a quiet day'({ door }) {
    let before = { row: 0, untilUptimeMs: 0 }
    let lastWrongUptimeMs = 0
    return {
      step(added) {
        const { wrongInRow, pausedUntilUptimeMs } = door.state().lockout
        const now = { row: wrongInRow, untilUptimeMs: pausedUntilUptimeMs }
        const isWrong = added.some(({ type }) => type === 'entry-refused')
        const isQuietDayOver = isWrong && door.uptimeMs() - lastWrongUptimeMs >= dayMs
        if (isWrong) lastWrongUptimeMs = door.uptimeMs()
        const isForgiven = added.some(
          ({ type }) => type === 'entry-accepted' || type === 'keypad-resumed',
        )
        if (!isForgiven) {
          if (!isQuietDayOver) expect(now.row).toBe(before.row + Number(isWrong))
          expect(now.untilUptimeMs).toBeGreaterThanOrEqual(before.untilUptimeMs)
        }
        before = now
      },
    }
  },

  'no code is judged while the keypad is paused'({ door }) {
    let pausedUntilUptimeMs = 0
    return {
      step(added) {
        if (added.some(({ type }) => type === 'keypad-resumed')) pausedUntilUptimeMs = 0
        if (added.some(({ type }) => type === 'entry-accepted' || type === 'entry-refused')) {
          expect(door.uptimeMs()).toBeGreaterThanOrEqual(pausedUntilUptimeMs)
        }
        pausedUntilUptimeMs = door.state().lockout.pausedUntilUptimeMs
      },
    }
  },

  'a remote command opens the lock at most once'() {
    const executed: string[] = []
    return {
      step(added) {
        for (const body of added)
          if (body.type === 'unlock-accepted' && body.commandId !== null)
            executed.push(body.commandId)
      },
      end: () => expect(new Set(executed).size).toBe(executed.length),
    }
  },

  'a remote command that is late, or arrives without a known time, opens nothing': ({
    door,
    sent,
  }) => ({
    step(added) {
      for (const body of added) {
        if (body.type !== 'unlock-accepted' || body.origin === 'integration') continue
        const command = sent.find(({ id }) => id === body.commandId)
        if (command?.type !== 'unlock') throw new Error('opened without an unlock command')
        const nowMs = earliestNowMs(door.state().time, door.uptimeMs())
        expect(nowMs).toBeLessThanOrEqual(command.expiresAtMs)
        // Ten seconds, on a clock that may be one second ahead.
        expect(command.expiresAtMs - nowMs).toBeLessThanOrEqual(11_000)
      }
    },
  }),

  'a grant that the door reports as stored would be admitted': ({ door }) => ({
    step(added) {
      for (const body of added) {
        if (body.type !== 'grant-stored') continue
        const { time } = door.state()
        const verdict = admit(door.grants.get(body.grantId) ?? null, {
          nowMs: earliestNowMs(time, door.uptimeMs()),
          timeKnown: isConfirmed(time),
          ...{
            timeZone: 'UTC',
            visitId: null,
            judgesPins: true,
            mode: 'normal',
            seenVisitors: [],
            totpPeriod: null,
          },
        })
        if (door.grants.get(body.grantId)?.standing) continue
        // A crash right afterwards loses the confirmed time; a later grant is not yet valid.
        if (!isConfirmed(time) || (!verdict.admitted && verdict.reason === 'not-yet-valid'))
          continue
        expect(verdict).toMatchObject({ admitted: true })
      }
    },
  }),

  'a restart changes no decision': ({ door }) => ({
    end() {
      const before = door.state()
      door.restart()
      const after = door.state()
      expect(after.lockout).toEqual(before.lockout)
      expect(after.commands).toEqual(before.commands)
      expect(after.openUntilUptimeMs).toBeNull()
      expect(earliestNowMs(after.time, door.uptimeMs())).toBeGreaterThanOrEqual(
        before.time.highWaterMs,
      )
    },
  }),
}

const inLockedMode: Readonly<Record<string, Property>> = {
  'the door opens for the exit button only and judges no code'({ door }) {
    let leavingUntilUptimeMs = 0
    return {
      step(added) {
        for (const body of added) {
          expect(['entry-accepted', 'entry-refused', 'unlock-accepted']).not.toContain(body.type)
          if (body.type === 'exit-used') leavingUntilUptimeMs = door.uptimeMs() + body.holdMs
        }
        if (door.relayIsOpen()) expect(door.uptimeMs()).toBeLessThan(leavingUntilUptimeMs)
        expect(door.accepted).toEqual([])
        expect(door.state().lockout.wrongInRow).toBe(0)
      },
    }
  },
}

const inPassageMode: Readonly<Record<string, Property>> = {
  'the door stands open until it stops, and renews the relay every few seconds'({ door }) {
    let stopped = false
    return {
      step(added) {
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
    }
  },
}

function play(
  timeline: readonly Step[],
  mode: ConfiguredMode,
  properties: Readonly<Record<string, Property>>,
): void {
  const world = createWorld(createDoorModel({ ...shippedRules, mode }))
  const { door } = world
  const checks = Object.entries(properties).map(
    ([title, property]) => [title, property(world, timeline)] as const,
  )
  const checkAll = (run: (check: Check) => void) => {
    for (const [title, check] of checks) {
      try {
        run(check)
      } catch (cause) {
        throw new Error(`broken: ${title}: ${cause}`, { cause })
      }
    }
  }
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: world.nowMs(), source: 'host' })
  for (const { run } of timeline) {
    const before = door.log.length
    run(world)
    const added = door.log.slice(before)
    checkAll(({ step }) => step?.(added))
  }
  checkAll(({ end }) => end?.())
}

/** A door that stands open ticks every few seconds, so its timelines take longest. */
test.each<[ConfiguredMode, Readonly<Record<string, Property>>, number]>([
  ['normal', inNormalMode, runs(800, 15_000)],
  ['locked', inLockedMode, runs(300, 3_000)],
  ['passage', inPassageMode, runs(100, 1_000)],
])('no timeline breaks a property of a door in mode %s', (mode, properties, numRuns) =>
  assertEach(timelines, { mode, properties, numRuns }),
)

test('no timeline breaks a property while members and the week change the mode', () =>
  assertEach(modeTimelines, {
    mode: 'normal',
    properties: modeProperties,
    numRuns: runs(300, 6_000),
  }))

function assertEach(
  all: typeof timelines,
  {
    mode,
    properties,
    numRuns,
  }: {
    readonly mode: ConfiguredMode
    readonly properties: Readonly<Record<string, Property>>
    readonly numRuns: number
  },
): void {
  fc.assert(
    fc.property(all, (timeline) => play(timeline, mode, properties)),
    {
      numRuns,
      reporter({ failed, counterexample, seed, errorInstance }) {
        if (!failed) return
        const found = counterexample?.[0].map(({ what }) => what).join('\n  ')
        throw new Error(`seed ${seed}: ${errorInstance}\n  ${found}`)
      },
    },
  )
}

test('whatever NTP says after a power cut, it makes no old code good at a door with a cloud', () => {
  const minuteMs = 60_000
  const cut = fc.record({
    afterMs: fc.integer({ min: 0, max: 4 * minuteMs }),
    lastsMs: fc.integer({ min: 5 * minuteMs, max: 24 * 60 * minuteMs }),
    ntpMinutes: fc.array(fc.integer({ min: -5, max: 60 }), { minLength: 1, maxLength: 5 }),
  })
  fc.assert(
    fc.property(cut, ({ afterMs, lastsMs, ntpMinutes }) => {
      const { door, send, nowMs } = createWorld()
      door.happen({ kind: 'started' })
      door.happen({ kind: 'link-changed', online: true })
      send({ type: 'time', answers: door.state().link.asked?.ask ?? '' })
      const [notBeforeMs, grantId] = [nowMs(), door.newId()]
      const expiresAtMs = notBeforeMs + 5 * minuteMs
      const holder = { visitId: null, visitorId: door.newId(), visitorName: 'Visitor' }
      const code = {
        ...holder,
        grantId,
        language: 'en',
        digits: 8,
        notBeforeMs,
        expiresAtMs,
      } as const
      send({ type: 'grant', credential: oneTimeCredential(code) })
      expect(door.grants.size).toBe(1)
      door.pass(afterMs)
      door.powerCut(lastsMs)
      for (const minutes of ntpMinutes) {
        const atMs = notBeforeMs + afterMs + minutes * minuteMs
        door.happen({ kind: 'clock-confirmed', atMs, source: 'ntp' })
        door.enter(grantId)
      }
      expect(door.accepted).toEqual([])
    }),
  )
})

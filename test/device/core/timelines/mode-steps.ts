/** Modes in random sequences of events, and what must hold of them. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { modeAt } from '../../../../device/core/mode/mode.ts'
import { earliestNowMs, isConfirmed } from '../../../../device/core/time/trusted-time.ts'
import { type Settings, settableModes } from '../../../../protocol/messages/cloud.ts'
import type { DoorBody, DoorMode } from '../../../../protocol/messages/door.ts'
import { type Crash, shippedRules } from '../../../support/door/door-model.ts'
import { type Property, type Step, steps, type World } from './timelines.ts'

const crash = fc.constantFrom<Crash>('never', 'never', 'never', 'before-keeping', 'before-acting')
const everyDay = { weekdays: [1, 2, 3, 4, 5, 6, 7] }

/** By revision; the timelines begin at midnight, UTC. */
const weeks: readonly NonNullable<Settings['modeHours']>[] = [
  [],
  [
    { mode: 'privacy', ...everyDay, fromMinute: 5, toMinute: 60 },
    { mode: 'passage', ...everyDay, fromMinute: 60, toMinute: 120 },
  ],
  [{ mode: 'holiday', ...everyDay, fromMinute: 1, toMinute: 0 }],
]

const modeSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        mode: fc.constantFrom(...settableModes),
        endsInMs: fc.constantFrom(null, 1_000, 60_000, 3_600_000),
        crash,
      })
      .map(({ mode, endsInMs, crash }) => ({
        what: `set to ${mode} for ${endsInMs} (${crash})`,
        run: ({ send, nowMs, door }: World) =>
          send(
            {
              ...{ type: 'set-mode', nonce: door.newId(), expiresAtMs: nowMs() + 5_000 },
              ...{ by: 'owner', mode, untilMs: endsInMs === null ? null : nowMs() + endsInMs },
            },
            crash,
          ),
      })),
  },
  {
    weight: 1,
    arbitrary: fc.nat(weeks.length - 1).map((revision) => ({
      what: `hours of week ${revision}`,
      run: ({ send }: World) =>
        send({
          ...{ type: 'settings', revision: revision + 1 },
          settings: { ...shippedRules.settings, modeHours: weeks[revision] ?? [] },
        }),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ what: 'started anew', run: ({ door }: World) => door.restart() }),
  },
)

export const modeTimelines = fc.array(
  fc.oneof({ weight: 3, arbitrary: steps }, { weight: 1, arbitrary: modeSteps }),
  { minLength: 1, maxLength: 60, size: 'max' },
)

/** What the door must do, worked out from the log alone and the time that it knows. */
function expectedMode({ door }: World) {
  let set: { readonly mode: DoorMode; readonly untilMs: number | null } | null = null
  let week: (typeof weeks)[number] = []
  return {
    read(body: DoorBody) {
      if (body.type === 'mode-set') {
        set = body.mode === 'normal' && body.untilMs === null ? null : body
      }
      if (body.type === 'settings-applied') week = weeks[body.revision - 1] ?? []
    },
    now(): DoorMode {
      const { time } = door.state()
      const nowMs = earliestNowMs(time, door.uptimeMs())
      if (set?.untilMs != null && nowMs >= set.untilMs) set = null
      if (!isConfirmed(time)) {
        return set === null || (set.mode === 'passage' && set.untilMs !== null)
          ? 'normal'
          : set.mode
      }
      const minute = Math.floor(nowMs / 60_000) % 1_440
      const scheduled = week.find(
        ({ fromMinute, toMinute }) => minute >= fromMinute && minute < (toMinute || 1_440),
      )
      return set?.mode ?? scheduled?.mode ?? 'normal'
    },
  }
}

const openings = ['entry-accepted', 'unlock-accepted', 'exit-used']

export const modeProperties: Readonly<Record<string, Property>> = {
  'the mode is the one that was set, or that of the week, through crashes and power cuts'(world) {
    const expected = expectedMode(world)
    const { door } = world
    return {
      step(added) {
        for (const body of added) expected.read(body)
        expect(modeAt(door.state(), door.uptimeMs())).toBe(expected.now())
      },
    }
  },

  'only what the mode lets in enters, and no code is counted that is not judged'(world) {
    const { door } = world
    let before: DoorMode = 'normal'
    let wrongBefore = 0
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'entry-refused' && body.reason === 'mode' && body.grantId === null) {
            expect(before).toBe('privacy')
            expect(body.wrongInRow).toBe(wrongBefore)
          }
          if (body.type !== 'entry-accepted') continue
          const kind = body.credential ?? 'one-time'
          if (before === 'privacy') expect(kind).toBe('break-glass')
          if (before === 'holiday') expect(kind).not.toBe('standing')
        }
        before = modeAt(door.state(), door.uptimeMs())
        wrongBefore = door.state().lockout.wrongInRow
      },
    }
  },

  'the lock is open in passage mode, and otherwise as long as something allowed it'({ door }) {
    let allowedUntilUptimeMs = 0
    let isStopped = false
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'door-stopped') isStopped = true
          if (body.type === 'door-started') isStopped = false
          if (openings.includes(body.type) && 'holdMs' in body) {
            allowedUntilUptimeMs = Math.max(allowedUntilUptimeMs, door.uptimeMs() + body.holdMs)
          }
        }
        // The hours of the week apply with the next event, or within a minute.
        if (door.state().mode.inForce === 'passage') {
          if (!isStopped) expect(door.relayIsOpen()).toBe(true)
          // The lock is never ordered open for longer.
          allowedUntilUptimeMs = Math.max(allowedUntilUptimeMs, door.uptimeMs() + 10_000)
        } else if (added.some((body) => 'mode' in body)) {
          // It was in passage mode for a part of this step.
          allowedUntilUptimeMs = Math.max(allowedUntilUptimeMs, door.uptimeMs() + 10_000)
        } else if (door.relayIsOpen()) {
          expect(door.uptimeMs()).toBeLessThan(allowedUntilUptimeMs)
        }
      },
    }
  },

  'people leave in every mode': ({ door }) => ({
    end() {
      door.happen({ kind: 'exit-pressed' })
      expect(door.relayIsOpen()).toBe(true)
    },
  }),
}

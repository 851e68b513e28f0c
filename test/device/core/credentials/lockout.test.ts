import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rulesFrom } from '../../../../device/config/config.ts'
import { exampleConfig } from '../../../../device/config/settings.ts'
import {
  type AfterWrongCode,
  afterGoodCode,
  afterWrongCode,
  dayMs,
  judgesStandingPins,
  type Lockout,
  type LockoutRules,
  noWrongCodes,
  pausedForMs,
  shippedLockout,
} from '../../../../device/core/credentials/lockout.ts'
import { wrongCodesPerDay } from '../../../../protocol/guessing.ts'
import { runs } from '../../../support/effort.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const { longestWaitMs, shortWaitsPerDay } = shippedLockout

/** A keypad at which people type; time only passes when told. */
function keypad(
  rules: LockoutRules = shippedLockout,
  from: Lockout = noWrongCodes,
  startUptimeMs = 0,
) {
  let lockout = from
  let uptimeMs = startUptimeMs
  return {
    wrong(): AfterWrongCode {
      const after = afterWrongCode(lockout, uptimeMs, rules)
      lockout = after.lockout
      return after
    },
    good() {
      lockout = afterGoodCode(lockout)
    },
    pass(ms: number) {
      uptimeMs += ms
    },
    waitOut() {
      uptimeMs += pausedForMs(lockout, uptimeMs)
    },
    pausedForMs: () => pausedForMs(lockout, uptimeMs),
    judgesStandingPins: () => judgesStandingPins(lockout, uptimeMs),
    lockout: () => lockout,
    uptimeMs: () => uptimeMs,
  }
}
type Keypad = ReturnType<typeof keypad>

const times = <T>(count: number, act: () => T): T[] => Array.from({ length: count }, act)

/** Types wrong codes as fast as the keypad allows. */
const hurry = (door: Keypad, count: number): AfterWrongCode[] =>
  times(count, () => {
    door.waitOut()
    return door.wrong()
  })

test('a door with a real lock has the shipped rules, whatever its config file says', () => {
  const simulator = { hardwarePort: 1, linkPort: 2, longestWaitMs: 1 }
  const rules = rulesFrom({ ...exampleConfig(), simulator }, '0.0.0')
  expect(rules.lockout).toEqual({
    freeWrongCodes: 3,
    firstWaitMs: 2_000,
    longestWaitMs: 30_000,
    shortWaitsPerDay: 20,
  })
  const simulated = rulesFrom({ ...exampleConfig(), hardware: 'simulated', simulator }, '0.0.0')
  expect(simulated.lockout.longestWaitMs).toBe(1)
})

describe('the waits', () => {
  test('are none for three codes, then double from two seconds to thirty', () => {
    const waits = hurry(keypad(), 12).map(({ waitMs }) => waitMs / secondMs)
    expect(waits).toEqual([0, 0, 0, 2, 4, 8, 16, 30, 30, 30, 30, 30])
  })

  test('last to the millisecond', () => {
    const door = keypad()
    hurry(door, 8)
    door.pass(30 * secondMs - 1)
    expect(door.pausedForMs()).toBe(1)
    door.pass(1)
    expect(door.pausedForMs()).toBe(0)
  })

  test('are all the longest after twenty wrong codes in any 24 hours, whatever good codes came', () => {
    const door = keypad()
    for (let nth = 0; nth < shortWaitsPerDay; nth += 1) {
      expect(door.wrong().waitMs).toBe(0)
      door.good()
      door.pass(minuteMs)
    }
    expect(door.wrong().waitMs).toBe(longestWaitMs)
    door.good()
    // The first of them is a day old now; the next is the twentieth again.
    door.pass(dayMs - shortWaitsPerDay * minuteMs)
    expect(door.wrong().waitMs).toBe(longestWaitMs)
    door.pass(minuteMs)
    expect(door.wrong().waitMs).toBe(longestWaitMs)
    door.good()
    door.pass(2 * minuteMs)
    expect(door.wrong().waitMs).toBe(0)
  })

  test('count in uptime: while the door is off, none gets shorter', () => {
    const door = keypad()
    hurry(door, 8)
    door.pass(10 * secondMs)
    const kept: Lockout = JSON.parse(JSON.stringify(door.lockout()))
    expect(keypad(shippedLockout, kept, door.uptimeMs()).pausedForMs()).toBe(20 * secondMs)
  })

  test('never come for a visitor who mistypes once a month, or three times a day', () => {
    const monthly = keypad()
    for (let month = 0; month < 600; month += 1) {
      expect(monthly.wrong().waitMs).toBe(0)
      monthly.pass(30 * dayMs)
    }
    const daily = keypad()
    for (let day = 0; day < 600; day += 1) {
      for (const { waitMs } of times(3, daily.wrong)) expect(waitMs).toBe(0)
      daily.pass(dayMs)
    }
  })
})

describe('a row ends', () => {
  test.each<[string, (door: Keypad) => void]>([
    ['with a good code', (door) => door.good()],
    ['after 24 hours without a wrong code', (door) => door.pass(dayMs)],
  ])('%s', (_, end) => {
    const door = keypad()
    hurry(door, 8)
    door.waitOut()
    end(door)
    expect(door.wrong().lockout.wrongInRow).toBe(1)
    expect(door.pausedForMs()).toBe(0)
  })

  test('not a moment earlier', () => {
    const door = keypad()
    hurry(door, 8)
    door.pass(dayMs - 1)
    expect(door.wrong()).toMatchObject({ waitMs: longestWaitMs, lockout: { wrongInRow: 9 } })
  })
})

describe('the owner is notified', () => {
  const alarms = (all: readonly AfterWrongCode[]) => all.flatMap(({ alarm }) => alarm ?? [])

  test('once, when the wait has become the longest', () => {
    const all = hurry(keypad(), 2_000)
    expect(all.findIndex(({ alarm }) => alarm !== null)).toBe(7)
    expect(alarms(all)).toEqual(['wrong-codes'])
  })

  test('once a day while it goes on, also when good codes interrupt it', () => {
    const door = keypad()
    const all = times(3 * 24 * 60, () => {
      door.waitOut()
      const after = door.wrong()
      door.pass(minuteMs - longestWaitMs)
      door.good()
      return after
    })
    expect(alarms(all)).toEqual(['daily-limit', 'daily-limit'])
  })

  test('of the next attack, once a day was quiet', () => {
    const door = keypad()
    const first = hurry(door, 50)
    door.pass(dayMs)
    expect(alarms([...first, ...hurry(door, 50)])).toEqual(['wrong-codes', 'wrong-codes'])
  })
})

describe('standing PINs', () => {
  test('count until ten wrong codes in any 24 hours, and again when the first is a day old', () => {
    const door = keypad()
    for (let nth = 0; nth < wrongCodesPerDay.standing; nth += 1) {
      expect(door.judgesStandingPins()).toBe(true)
      door.wrong()
      door.pass(hourMs)
    }
    expect(door.judgesStandingPins()).toBe(false)
    door.good()
    expect(door.judgesStandingPins()).toBe(false)
    door.pass(dayMs - 10 * hourMs - 1)
    expect(door.judgesStandingPins()).toBe(false)
    door.pass(1)
    expect(door.judgesStandingPins()).toBe(true)
  })
})

// ---------------------------------------------------------------- whatever happens

type Step = { readonly kind: 'wrong' | 'good' } | { readonly kind: 'pass'; readonly ms: number }

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant({ kind: 'wrong' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'good' } as const) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        ms: fc.oneof(fc.integer({ min: 0, max: hourMs }), fc.integer({ min: 0, max: 2 * dayMs })),
      }),
    },
  ),
  { minLength: 50, maxLength: 300, size: 'max' },
)

/** Plays the steps; a code is typed as soon as the keypad takes one again. */
function play(
  steps: readonly Step[],
  look: (before: Lockout, after: Lockout, step: Step, uptimeMs: number) => void,
): void {
  const door = keypad()
  for (const step of steps) {
    if (step.kind !== 'pass') door.waitOut()
    const before = door.lockout()
    if (step.kind === 'pass') door.pass(step.ms)
    else door[step.kind]()
    look(before, door.lockout(), step, door.uptimeMs())
  }
}

describe('in any sequence of wrong and good codes', () => {
  test('no wait is longer than thirty seconds', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        play(steps, (_before, after, _step, uptimeMs) => {
          expect(pausedForMs(after, uptimeMs)).toBeLessThanOrEqual(30 * secondMs)
        })
      }),
      { numRuns: runs(100, 1_000) },
    )
  })

  test('only a good code or a quiet day ends a row, and only time forgets the wrong codes of a day', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        play(steps, (before, after, { kind }, uptimeMs) => {
          if (kind === 'pass') return
          const ofDay = ({ wrongAtUptimeMs }: Lockout) =>
            wrongAtUptimeMs.filter((at) => at > uptimeMs - dayMs)
          const expected = kind === 'wrong' ? [...ofDay(before), uptimeMs] : ofDay(before)
          expect(ofDay(after)).toEqual(expected.slice(-(shortWaitsPerDay + 1)))
          if (kind === 'good') return
          const isQuiet = ofDay(before).length === 0
          expect(after.wrongInRow).toBe(isQuiet ? 1 : before.wrongInRow + 1)
        })
      }),
      { numRuns: runs(100, 1_000) },
    )
  })

  test('no wait is shortened by a code that is judged during it all the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: hourMs }), { maxLength: 120, size: 'max' }),
        (gaps) => {
          let lockout = noWrongCodes
          let uptimeMs = 0
          for (const gap of gaps) {
            uptimeMs += gap
            const { pausedUntilUptimeMs } = lockout
            lockout = afterWrongCode(lockout, uptimeMs, shippedLockout).lockout
            expect(lockout.pausedUntilUptimeMs).toBeGreaterThanOrEqual(pausedUntilUptimeMs)
          }
        },
      ),
    )
  })
})

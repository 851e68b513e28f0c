import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { configSchema } from '../../../device/config/settings.ts'
import {
  afterGoodCode,
  afterWrongCode,
  dayMs,
  type Lockout,
  type LockoutRules,
  noWrongCodes,
  type Pause,
  pausedForMs,
} from '../../../device/core/credentials/lockout.ts'

const shippedLockout: LockoutRules = {
  wrongCodesPerPause: 5,
  firstPauseMs: 60_000,
  longestPauseMs: 3_600_000,
  wrongCodesPerDay: 50,
}
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A keypad at which somebody types; time only passes when told. */
function keypad(
  rules: LockoutRules = shippedLockout,
  from: Lockout = noWrongCodes,
  startUptimeMs = 0,
) {
  let lockout = from
  let uptimeMs = startUptimeMs
  const wrongAt: number[] = []
  return {
    wrong(): Pause | null {
      expect(pausedForMs(lockout, uptimeMs)).toBe(0)
      const after = afterWrongCode(lockout, uptimeMs, rules)
      lockout = after.lockout
      wrongAt.push(uptimeMs)
      return after.pause
    },
    good() {
      expect(pausedForMs(lockout, uptimeMs)).toBe(0)
      lockout = afterGoodCode(lockout)
    },
    pass(ms: number) {
      uptimeMs += ms
    },
    waitOut() {
      uptimeMs += pausedForMs(lockout, uptimeMs)
    },
    pausedForMs: () => pausedForMs(lockout, uptimeMs),
    lockout: () => lockout,
    uptimeMs: () => uptimeMs,
    wrongAt,
  }
}

test('the shipped defaults are the ones that these tests are about', () => {
  const config = z.parse(configSchema, {
    doorId: 'front-door',
    doorName: 'Front door',
    dataDir: '/var/lib/smart-door',
    hardware: 'gpio',
    link: 'none',
    clock: 'host',
  })
  expect(config.lockout).toEqual(shippedLockout)
})

describe('the pauses', () => {
  test('come after every fifth wrong code and double up to an hour', () => {
    const door = keypad()
    const pauses = Array.from({ length: 45 }, () => {
      door.waitOut()
      return door.wrong()
    })
    const expected = [1, 2, 4, 8, 16, 32, 60, 60, 60].flatMap((minutes) => [
      ...Array.from({ length: 4 }, () => null),
      { reason: 'wrong-codes', forMs: minutes * minuteMs },
    ])
    expect(pauses).toEqual(expected)
  })

  test('last to the millisecond', () => {
    const door = keypad()
    for (let tries = 0; tries < 5; tries += 1) door.wrong()
    expect(door.pausedForMs()).toBe(minuteMs)
    door.pass(minuteMs - 1)
    expect(door.pausedForMs()).toBe(1)
    door.pass(1)
    expect(door.pausedForMs()).toBe(0)
  })

  test('stop at fifty wrong codes until the first of them is a day old', () => {
    const door = keypad()
    for (let tries = 0; tries < 49; tries += 1) {
      door.waitOut()
      door.wrong()
      door.pass(1_000)
    }
    const first = door.wrongAt[0] ?? 0
    expect(door.wrong()).toEqual({ reason: 'daily-limit', forMs: first + dayMs - door.uptimeMs() })
    door.waitOut()
    expect(door.uptimeMs()).toBe(first + dayMs)
    // One has left the last day, so one may be typed; the second of them is still in it.
    expect(door.wrong()?.reason).toBe('daily-limit')
  })

  test('slide: the day is any 24 hours, not a calendar day', () => {
    const door = keypad({ ...shippedLockout, wrongCodesPerPause: 1_000 })
    for (let tries = 0; tries < 25; tries += 1) door.wrong()
    door.pass(dayMs - hourMs)
    for (let tries = 0; tries < 24; tries += 1) expect(door.wrong()).toBe(null)
    expect(door.wrong()).toEqual({ reason: 'daily-limit', forMs: hourMs })
  })

  test('are as long as the row asks for, even when the day would ask for less', () => {
    const door = keypad()
    for (let tries = 0; tries < 45; tries += 1) {
      door.waitOut()
      door.wrong()
    }
    // A few seconds before the first of them leaves the day, the next five follow.
    door.pass(dayMs - door.uptimeMs() - 10_000)
    for (let tries = 0; tries < 4; tries += 1) door.wrong()
    expect(door.wrong()).toEqual({ reason: 'wrong-codes', forMs: hourMs })
  })
})

describe('a good code', () => {
  test('ends the row and its pauses, but gives nothing of the day back', () => {
    const door = keypad()
    for (let tries = 0; tries < 14; tries += 1) {
      door.waitOut()
      door.wrong()
    }
    const before = door.lockout()
    expect(before).toMatchObject({ wrongInRow: 14, pausesInRow: 2 })
    door.good()
    expect(door.lockout()).toEqual({ ...noWrongCodes, wrongAtUptimeMs: before.wrongAtUptimeMs })
    for (let tries = 0; tries < 4; tries += 1) expect(door.wrong()).toBe(null)
    expect(door.wrong()).toEqual({ reason: 'wrong-codes', forMs: minuteMs })
  })

  test('between all the wrong ones does not stretch the day', () => {
    const door = keypad()
    for (let tries = 0; tries < 49; tries += 1) {
      door.wrong()
      door.good()
    }
    expect(door.wrong()).toEqual({ reason: 'daily-limit', forMs: dayMs })
  })
})

test('time is running time: while the door is off, no pause gets shorter', () => {
  const door = keypad()
  for (let tries = 0; tries < 5; tries += 1) door.wrong()
  door.pass(20_000)
  const kept: Lockout = JSON.parse(JSON.stringify(door.lockout()))
  const afterRestart = keypad(shippedLockout, kept, door.uptimeMs())
  expect(afterRestart.pausedForMs()).toBe(40_000)
})

// ---------------------------------------------------------------- guessing

/** The most moments of an ascending list that lie within any day. */
function mostInAnyDay(moments: readonly number[]): number {
  let most = 0
  let oldest = 0
  for (const [at, moment] of moments.entries()) {
    while ((moments[oldest] ?? moment) <= moment - dayMs) oldest += 1
    most = Math.max(most, at - oldest + 1)
  }
  return most
}

interface Attack {
  readonly days: number
  /** How long the attacker waits at the keypad before a try, although it is ready. */
  readonly patienceMs: (tries: number) => number
  /** Residents who type a good code now and then help the attacker: each ends the row. */
  readonly goodCodeEveryMs: number
}

function triesOf(attack: Attack, rules: LockoutRules): readonly number[] {
  const door = keypad(rules)
  let nextGoodUptimeMs = attack.goodCodeEveryMs
  while (door.uptimeMs() < attack.days * dayMs) {
    door.waitOut()
    if (door.uptimeMs() >= nextGoodUptimeMs) {
      door.good()
      nextGoodUptimeMs = door.uptimeMs() + attack.goodCodeEveryMs
    }
    door.pass(attack.patienceMs(door.wrongAt.length))
    door.wrong()
  }
  return door.wrongAt
}

const restless: Attack = { days: 30, patienceMs: () => 0, goodCodeEveryMs: Infinity }
const human: Attack = { ...restless, patienceMs: () => 2_000 }
const amongResidents: Attack = { ...human, goodCodeEveryMs: hourMs }
const fewPerRow: Attack = { ...restless, patienceMs: (tries) => (tries % 4 === 0 ? hourMs : 0) }
const saver: Attack = { ...restless, patienceMs: (tries) => (tries % 50 === 0 ? 2 * dayMs : 0) }

/** How likely it is that one of a day's tries is the code that is good at that moment. */
const guessedInADay = (attack: Attack, rules: LockoutRules, live: number, digits: number) =>
  (mostInAnyDay(triesOf(attack, rules)) * live) / 10 ** digits

describe('guessing', () => {
  test.each([
    ['at every permitted moment', restless],
    ['as fast as fingers go', human],
    ['among residents who end the row every hour', amongResidents],
    ['never long enough for a pause', fewPerRow],
    ['after days of saving up', saver],
  ])('%s finds a six-digit code on one day in ten thousand at most', (_, attack) => {
    expect(mostInAnyDay(triesOf(attack, shippedLockout))).toBeLessThanOrEqual(50)
    expect(guessedInADay(attack, shippedLockout, 1, 6)).toBeLessThanOrEqual(1e-4)
  })

  test('uses up the whole allowance, so that the figure is the true one', () => {
    expect(mostInAnyDay(triesOf(restless, shippedLockout))).toBe(50)
    expect(guessedInADay(restless, shippedLockout, 1, 6)).toBe(5e-5)
  })

  test.each([
    ['ten flat seconds', 2.4, { firstPauseMs: 10_000, longestPauseMs: 10_000 }],
    ['a minute that does not grow', 2.4, { longestPauseMs: 60_000 }],
    ['pauses as shipped', 24, {}],
  ])('would be too easy with %s and no limit for the day, after %d hours', (_, hours, change) => {
    const rules = { ...shippedLockout, ...change, wrongCodesPerDay: 1_000_000 }
    expect(guessedInADay({ ...restless, days: hours / 24 }, rules, 1, 6)).toBeGreaterThan(1e-4)
  })

  test('would be too easy with two hundred tries a day', () => {
    const rules = { ...shippedLockout, wrongCodesPerPause: 10, wrongCodesPerDay: 200 }
    expect(guessedInADay({ ...restless, days: 3 }, rules, 1, 6)).toBeGreaterThan(1e-4)
  })
})

// ---------------------------------------------------------------- whatever happens

type Step = { readonly kind: 'wrong' | 'good' } | { readonly kind: 'pass'; readonly ms: number }

const anyRules: fc.Arbitrary<LockoutRules> = fc.record({
  wrongCodesPerPause: fc.integer({ min: 1, max: 10 }),
  firstPauseMs: fc.integer({ min: 1_000, max: hourMs }),
  longestPauseMs: fc.integer({ min: 1_000, max: dayMs }),
  wrongCodesPerDay: fc.integer({ min: 1, max: 60 }),
})

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
  rules: LockoutRules,
  look: (before: Lockout, after: Lockout, step: Step, uptimeMs: number) => void,
): readonly number[] {
  const door = keypad(rules)
  for (const step of steps) {
    if (step.kind !== 'pass') door.waitOut()
    const before = door.lockout()
    if (step.kind === 'pass') door.pass(step.ms)
    else door[step.kind]()
    look(before, door.lockout(), step, door.uptimeMs())
  }
  return door.wrongAt
}

describe('in any sequence of wrong and good codes', () => {
  test("no day holds more wrong codes than the day's limit", () => {
    fc.assert(
      fc.property(anySteps, anyRules, (steps, rules) => {
        const wrongAt = play(steps, rules, () => {})
        expect(mostInAnyDay(wrongAt)).toBeLessThanOrEqual(rules.wrongCodesPerDay)
      }),
    )
  })

  test('only a good code lowers a counter, and nothing lowers that of the day but time', () => {
    fc.assert(
      fc.property(anySteps, anyRules, (steps, rules) => {
        play(steps, rules, (before, after, { kind }, uptimeMs) => {
          if (kind === 'good') {
            expect(after.wrongAtUptimeMs).toEqual(before.wrongAtUptimeMs)
            return
          }
          const wrong = kind === 'wrong' ? 1 : 0
          expect(after.wrongInRow).toBe(before.wrongInRow + wrong)
          expect(after.pausesInRow).toBeGreaterThanOrEqual(before.pausesInRow)
          const snapshotCount = before.wrongAtUptimeMs.filter((at) => at > uptimeMs - dayMs)
          const counted = after.wrongAtUptimeMs.filter((at) => at > uptimeMs - dayMs)
          expect(counted).toEqual([...snapshotCount, ...(wrong ? [uptimeMs] : [])])
        })
      }),
    )
  })

  test('every pause is at least as long as the row asks for', () => {
    fc.assert(
      fc.property(anySteps, anyRules, (steps, rules) => {
        play(steps, rules, (before, after, { kind }, uptimeMs) => {
          if (kind !== 'wrong' || after.wrongInRow % rules.wrongCodesPerPause !== 0) return
          const asked = rules.firstPauseMs * 2 ** before.pausesInRow
          expect(pausedForMs(after, uptimeMs)).toBeGreaterThanOrEqual(
            Math.min(asked, rules.longestPauseMs),
          )
        })
      }),
    )
  })

  test('what is announced is what happens, in whole milliseconds', () => {
    fc.assert(
      fc.property(anySteps, anyRules, (steps, rules) => {
        const door = keypad(rules)
        for (const step of steps) {
          if (step.kind === 'pass') {
            door.pass(step.ms)
            continue
          }
          door.waitOut()
          if (step.kind === 'good') door.good()
          else expect(door.wrong()?.forMs ?? 0).toBe(door.pausedForMs())
          expect(Number.isSafeInteger(door.lockout().pausedUntilUptimeMs)).toBe(true)
        }
      }),
    )
  })

  test('no pause is shortened by a code that is typed during it all the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: hourMs }), { maxLength: 120, size: 'max' }),
        anyRules,
        (gaps, rules) => {
          let lockout = noWrongCodes
          let uptimeMs = 0
          for (const gap of gaps) {
            uptimeMs += gap
            const { pausedUntilUptimeMs } = lockout
            lockout = afterWrongCode(lockout, uptimeMs, rules).lockout
            expect(lockout.pausedUntilUptimeMs).toBeGreaterThanOrEqual(pausedUntilUptimeMs)
          }
        },
      ),
    )
  })

  test('what has to be kept stays small', () => {
    fc.assert(
      fc.property(anySteps, anyRules, (steps, rules) => {
        play(steps, rules, (_, after) => {
          expect(after.wrongAtUptimeMs.length).toBeLessThanOrEqual(rules.wrongCodesPerDay)
        })
      }),
    )
  })
})

/** Guessing: the bound that is computed, and a year of attacks that must stay below it. */
import { describe, expect, test } from 'vitest'
import {
  afterGoodCode,
  afterWrongCode,
  dayMs,
  judgesStandingPins,
  type LockoutRules,
  noWrongCodes,
  shippedLockout,
} from '../../../device/core/credentials/lockout.ts'
import {
  guessedPerDay,
  guessedPerDayAtMost,
  leastPinDigits,
  wrongCodesPerDay,
} from '../../../protocol/guessing.ts'
import { runs } from '../../support/effort.ts'
import { recordFigure } from '../../support/figure.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

describe('the bound', () => {
  test('follows from the shipped rules: one wrong code every longest wait, and the short waits', () => {
    const { longestWaitMs, shortWaitsPerDay } = shippedLockout
    expect(wrongCodesPerDay.oneTime).toBe(dayMs / longestWaitMs + shortWaitsPerDay)
  })

  test.each([...Array(51).keys()])(
    'holds with %i standing PINs and three one-time codes',
    (pins) => {
      const digits = leastPinDigits(pins)
      expect(digits && guessedPerDay(pins, digits)).toBeLessThanOrEqual(1e-4)
    },
  )

  test('needs longer PINs the more there are', () => {
    const least = (from: number, to: number) =>
      new Set(Array.from({ length: to - from + 1 }, (_, at) => leastPinDigits(from + at)))
    expect(least(0, 1)).toEqual(new Set([6]))
    expect(least(2, 13)).toEqual(new Set([7]))
    expect(least(14, 130)).toEqual(new Set([8]))
    expect(leastPinDigits(131)).toBe(null)
  })

  test('is 8.7e-5 without PINs, and would not hold with shorter ones', () => {
    expect(guessedPerDay(0, 6)).toBe(8.7e-5)
    expect(guessedPerDay(2, 6)).toBeGreaterThan(guessedPerDayAtMost)
    expect(guessedPerDay(14, 7)).toBeGreaterThan(guessedPerDayAtMost)
  })
})

// ---------------------------------------------------------------- a year of attacks

interface Attack {
  /** How long the attacker waits before the next code, although the keypad is ready. */
  readonly idleMs?: (uptimeMs: number, tries: number) => number
  /** Others type a good code so often; each ends the row. */
  readonly goodCodeEveryMs?: number
}

/** Only in the last `lengthMs` of each `everyMs`. */
const within = (everyMs: number, lengthMs: number) => (uptimeMs: number) =>
  Math.max(0, everyMs - lengthMs - (uptimeMs % everyMs))

const attacks: Readonly<Record<string, Attack>> = {
  'at every permitted moment': {},
  'in bursts after quiet days': {
    idleMs: (_, tries) => (tries % 3_000 === 0 ? dayMs : 0),
  },
  'in short bursts that never reach the longest wait': {
    idleMs: (_, tries) => (tries % 7 === 0 ? dayMs : 0),
  },
  'only at night': { idleMs: within(dayMs, 8 * hourMs) },
  'only while a code is live': { idleMs: within(hourMs, 5 * minuteMs) },
  'after the good codes of others, every ten minutes': { goodCodeEveryMs: 10 * minuteMs },
  'after the good codes of others, every minute': { goodCodeEveryMs: minuteMs },
}

/** How many wrong codes were judged in the worst 24 hours, and how many of them against PINs. */
function worstDay({ idleMs, goodCodeEveryMs }: Attack, rules: LockoutRules, days = runs(30, 365)) {
  const [oneTime, standing] = [slidingDay(), slidingDay()]
  let lockout = noWrongCodes
  let uptimeMs = 0
  let nextGoodMs = goodCodeEveryMs ?? Number.POSITIVE_INFINITY
  for (let tries = 0; uptimeMs < days * dayMs; tries += 1) {
    uptimeMs = Math.max(uptimeMs, lockout.pausedUntilUptimeMs)
    uptimeMs += idleMs?.(uptimeMs, tries) ?? 0
    if (uptimeMs >= nextGoodMs && goodCodeEveryMs !== undefined) {
      lockout = afterGoodCode(lockout)
      nextGoodMs = uptimeMs + goodCodeEveryMs
    }
    oneTime.add(uptimeMs)
    if (judgesStandingPins(lockout, uptimeMs)) standing.add(uptimeMs)
    lockout = afterWrongCode(lockout, uptimeMs, rules).lockout
  }
  return { oneTime: oneTime.most(), standing: standing.most() }
}

/** The most moments of an ascending sequence that lie within any 24 hours. */
function slidingDay() {
  const moments: number[] = []
  let oldest = 0
  let most = 0
  return {
    add(atMs: number) {
      moments.push(atMs)
      while ((moments[oldest] ?? atMs) <= atMs - dayMs) oldest += 1
      most = Math.max(most, moments.length - oldest)
    },
    most: () => most,
  }
}

const likelihood = ({ oneTime, standing }: ReturnType<typeof worstDay>) =>
  (3 * oneTime) / 1e8 + standing / 1e6

describe('an attacker', () => {
  test.for(Object.entries(attacks))('%s stays below the bound', ([name, attack], context) => {
    const worst = worstDay(attack, shippedLockout)
    if (name === 'at every permitted moment') {
      recordFigure(context, `${likelihood(worst).toExponential(2)} on the worst day`)
    }
    expect(worst.oneTime).toBeLessThanOrEqual(wrongCodesPerDay.oneTime)
    expect(worst.standing).toBeLessThanOrEqual(wrongCodesPerDay.standing)
    expect(likelihood(worst)).toBeLessThanOrEqual(guessedPerDayAtMost)
  })

  test('comes close to it, so that the figures are the true ones', () => {
    expect(worstDay(attacks['at every permitted moment'] ?? {}, shippedLockout)).toEqual({
      oneTime: expect.toSatisfy((tries: number) => tries > 2_880),
      standing: 10,
    })
    expect(worstDay({ goodCodeEveryMs: minuteMs }, shippedLockout).oneTime).toBeGreaterThan(2_890)
  })

  // Each rule is broken on purpose: the checks above must be able to fail.
  test.each<[string, Attack, Partial<LockoutRules>]>([
    ['waits of ten seconds', {}, { longestWaitMs: 10_000 }],
    ['free tries', {}, { freeWrongCodes: 1_000, shortWaitsPerDay: 4_000 }],
    [
      'good codes of others that always end the waits',
      { goodCodeEveryMs: 10 * minuteMs },
      { shortWaitsPerDay: 4_000 },
    ],
  ])('would guess too easily with %s', (_, attack, change) => {
    const worst = worstDay(attack, { ...shippedLockout, ...change }, 2)
    expect(worst.oneTime).toBeGreaterThan(wrongCodesPerDay.oneTime)
    expect(likelihood(worst)).toBeGreaterThan(guessedPerDayAtMost)
  })
})

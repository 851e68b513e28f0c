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
} from '../../../../device/core/credentials/lockout.ts'
import {
  guessedPerDay,
  guessedPerDayAtMost,
  isHardToGuess,
  leastDigitsOfNextPin,
  type PinCounts,
  wrongCodesPerDay,
} from '../../../../protocol/guessing.ts'
import { pinDigits } from '../../../../protocol/passcode.ts'
import { runs } from '../../../support/effort.ts'
import { recordFigure } from '../../../support/figure.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

describe('the bound', () => {
  test('follows from the shipped rules: one wrong code every longest wait, and the short waits', () => {
    const { longestWaitMs, shortWaitsPerDay } = shippedLockout
    expect(wrongCodesPerDay.oneTime).toBe(dayMs / longestWaitMs + shortWaitsPerDay)
  })

  /** As PINs are added one by one, each as short as it may be. */
  const added = (pins: number): PinCounts =>
    [...Array(pins).keys()].reduce<PinCounts>((counts) => {
      const digits = leastDigitsOfNextPin(counts)
      if (!digits) throw new Error('no PIN is long enough')
      return { ...counts, [digits]: (counts[digits] ?? 0) + 1 }
    }, {})

  test.each([...Array(51).keys()])(
    'holds with %i standing PINs, three one-time codes and a break-glass sheet',
    (pins) => {
      expect(guessedPerDay(added(pins))).toBeLessThanOrEqual(1e-4)
      // All at once, of the length that so many need.
      const digits = pinDigits.find((length) => isHardToGuess({ [length]: pins }))
      expect(digits && guessedPerDay({ [digits]: pins })).toBeLessThanOrEqual(1e-4)
    },
  )

  test('needs longer PINs the more there are', () => {
    expect(added(1)).toEqual({ 6: 1 })
    expect(added(13)).toEqual({ 6: 1, 7: 12 })
    expect(added(142)).toEqual({ 6: 1, 7: 12, 8: 129 })
    expect(leastDigitsOfNextPin({ 6: 1, 7: 12, 8: 129 })).toBe(9)
    expect(leastDigitsOfNextPin({ 6: 1, 7: 12, 8: 129, 9: 1_297 })).toBe(10)
    expect(isHardToGuess({ 10: 10_000 })).toBe(true)
    expect(leastDigitsOfNextPin({ 6: 1, 7: 12, 8: 129, 9: 1_297, 10: 12_971 })).toBe(null)
  })

  test('is 8.7029e-5 without PINs, and would not hold with shorter ones', () => {
    expect(guessedPerDay({})).toBe(8.7029e-5)
    expect(guessedPerDay({ 6: 1 })).toBeLessThan(guessedPerDayAtMost)
    expect(guessedPerDay({ 6: 2 })).toBeGreaterThan(guessedPerDayAtMost)
    expect(guessedPerDay({ 7: 13 })).toBeGreaterThan(guessedPerDayAtMost)
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

/**
 * Wrong codes slow the keypad down, but never close it: a keypad cannot tell who types, so a stranger
 * must not be able to keep out a visitor. Measured in uptime (summed over restarts), which no clock
 * can change: switching the door off or setting its clock does not shorten a wait. The numbers are
 * explained in docs/decisions/42.
 */
import { wrongCodesPerDay } from '../../../protocol/guessing.ts'

export interface LockoutRules {
  /** So many wrong codes of a row cause no wait. */
  readonly freeWrongCodes: number
  /** The wait after the next one. It doubles with each further one. */
  readonly firstWaitMs: number
  readonly longestWaitMs: number
  /**
   * Once there were more wrong codes in a day, each causes the longest wait. Otherwise good codes of
   * others, each of which ends the row, would give an attacker free tries without a limit.
   */
  readonly shortWaitsPerDay: number
}

export const shippedLockout: LockoutRules = {
  freeWrongCodes: 3,
  firstWaitMs: 2_000,
  longestWaitMs: 30_000,
  shortWaitsPerDay: 20,
}

export interface Lockout {
  /** Wrong codes since the last good one, or since the last day without any. */
  readonly wrongInRow: number
  readonly pausedUntilUptimeMs: number
  /** When the wrong codes of the last day were typed, oldest first. Only as many as the rules need. */
  readonly wrongAtUptimeMs: readonly number[]
  /** When the owner was last notified of wrong codes. */
  readonly alarmAtUptimeMs: number | null
}

export interface AfterWrongCode {
  readonly lockout: Lockout
  readonly waitMs: number
  /** Why the owner is notified now; null: not now. */
  readonly alarm: 'wrong-codes' | 'daily-limit' | null
}

export const dayMs = 24 * 60 * 60_000

export const noWrongCodes: Lockout = {
  wrongInRow: 0,
  pausedUntilUptimeMs: 0,
  wrongAtUptimeMs: [],
  alarmAtUptimeMs: null,
}

export const pausedForMs = (lockout: Lockout, uptimeMs: number): number =>
  Math.max(0, lockout.pausedUntilUptimeMs - uptimeMs)

export function afterWrongCode(
  before: Lockout,
  uptimeMs: number,
  rules: LockoutRules,
): AfterWrongCode {
  const ofLastDay = wrongOfLastDay(before, uptimeMs)
  const wrongInRow = ofLastDay.length === 0 ? 1 : before.wrongInRow + 1
  const wrongAtUptimeMs = [...ofLastDay, uptimeMs].slice(-(rules.shortWaitsPerDay + 1))
  const rowWaitMs = waitInRow(wrongInRow, rules)
  const isManyInDay = wrongAtUptimeMs.length > rules.shortWaitsPerDay
  const waitMs = isManyInDay ? rules.longestWaitMs : rowWaitMs
  const isAlarm = waitMs === rules.longestWaitMs && !isAlarmRecent(before, uptimeMs)
  return {
    lockout: {
      wrongInRow,
      // No code is judged during a wait; if one were, the wait would not get shorter.
      pausedUntilUptimeMs: Math.max(before.pausedUntilUptimeMs, uptimeMs + waitMs),
      wrongAtUptimeMs,
      alarmAtUptimeMs: isAlarm ? uptimeMs : before.alarmAtUptimeMs,
    },
    waitMs,
    alarm: isAlarm ? (rowWaitMs === waitMs ? 'wrong-codes' : 'daily-limit') : null,
  }
}

function waitInRow(
  wrongInRow: number,
  { freeWrongCodes, firstWaitMs, longestWaitMs }: LockoutRules,
): number {
  const nth = wrongInRow - freeWrongCodes
  return nth <= 0 ? 0 : Math.min(firstWaitMs * 2 ** (nth - 1), longestWaitMs)
}

const wrongOfLastDay = ({ wrongAtUptimeMs }: Lockout, uptimeMs: number): readonly number[] =>
  wrongAtUptimeMs.filter((at) => at > uptimeMs - dayMs)

/** One alarm for one attack, and one more for each day that it lasts. */
const isAlarmRecent = ({ alarmAtUptimeMs }: Lockout, uptimeMs: number): boolean =>
  alarmAtUptimeMs !== null && alarmAtUptimeMs > uptimeMs - dayMs

/** A good code ends the row, but the day's wrong codes still count: they bound guessing. */
export const afterGoodCode = ({ wrongAtUptimeMs, alarmAtUptimeMs }: Lockout): Lockout => ({
  ...noWrongCodes,
  wrongAtUptimeMs,
  alarmAtUptimeMs,
})

/** Where it was lost how many wrong codes were typed: every further one costs the longest wait for a day. */
export const manyWrongCodes = (uptimeMs: number, rules: LockoutRules): Lockout => ({
  ...noWrongCodes,
  wrongInRow: rules.freeWrongCodes,
  wrongAtUptimeMs: Array.from({ length: rules.shortWaitsPerDay + 1 }, () => uptimeMs),
})

/**
 * Whether standing PINs count now. They stay the same for years, so they have a daily budget of their
 * own; a visitor with a one-time code gets in all the same.
 */
export const judgesStandingPins = (lockout: Lockout, uptimeMs: number): boolean =>
  wrongOfLastDay(lockout, uptimeMs).length < wrongCodesPerDay.standing

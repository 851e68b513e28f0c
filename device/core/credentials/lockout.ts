/**
 * How many wrong codes the keypad accepts. Measured in uptime (summed over restarts), which no clock
 * can change: switching the door off or setting its clock does not shorten a pause.
 */

export interface LockoutRules {
  readonly wrongCodesPerPause: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  readonly wrongCodesPerDay: number
}

export interface Lockout {
  /** Wrong codes since the last good one. */
  readonly wrongInRow: number
  /** Pauses since the last good code; each is twice as long as the one before. */
  readonly pausesInRow: number
  readonly pausedUntilUptimeMs: number
  /** When the wrong codes of the last day were typed, oldest first. */
  readonly wrongAtUptimeMs: readonly number[]
}

export interface Pause {
  readonly reason: 'wrong-codes' | 'daily-limit'
  readonly forMs: number
}

export const dayMs = 24 * 60 * 60_000

export const noWrongCodes: Lockout = {
  wrongInRow: 0,
  pausesInRow: 0,
  pausedUntilUptimeMs: 0,
  wrongAtUptimeMs: [],
}

export const pausedForMs = (lockout: Lockout, uptimeMs: number): number =>
  Math.max(0, lockout.pausedUntilUptimeMs - uptimeMs)

export function afterWrongCode(
  lockout: Lockout,
  uptimeMs: number,
  rules: LockoutRules,
): { readonly lockout: Lockout; readonly pause: Pause | null } {
  const wrongAtUptimeMs = [
    ...lockout.wrongAtUptimeMs.filter((at) => at > uptimeMs - dayMs),
    uptimeMs,
  ]
  const counted = { ...lockout, wrongInRow: lockout.wrongInRow + 1, wrongAtUptimeMs }
  const pause = pauseDue(counted, uptimeMs, rules)
  if (!pause) return { lockout: counted, pause }
  return {
    lockout: {
      ...counted,
      pausesInRow: counted.pausesInRow + 1,
      // No code is judged during a pause; if one were, the pause would not get shorter.
      pausedUntilUptimeMs: Math.max(lockout.pausedUntilUptimeMs, uptimeMs + pause.forMs),
    },
    pause,
  }
}

/** The longer of the two: a day that is nearly over must not cut a long pause short. */
function pauseDue(lockout: Lockout, uptimeMs: number, rules: LockoutRules): Pause | null {
  const rowMs = rowPauseMs(lockout, rules)
  const oldestThatCounts = lockout.wrongAtUptimeMs.at(-rules.wrongCodesPerDay)
  const dayLeftMs = oldestThatCounts === undefined ? 0 : oldestThatCounts + dayMs - uptimeMs
  if (rowMs === 0 && dayLeftMs === 0) return null
  return rowMs > dayLeftMs
    ? { reason: 'wrong-codes', forMs: rowMs }
    : { reason: 'daily-limit', forMs: dayLeftMs }
}

function rowPauseMs({ wrongInRow, pausesInRow }: Lockout, rules: LockoutRules): number {
  if (wrongInRow % rules.wrongCodesPerPause !== 0) return 0
  return Math.min(rules.firstPauseMs * 2 ** pausesInRow, rules.longestPauseMs)
}

/** A good code ends the row, but the day's allowance stays spent: it is what bounds guessing. */
export const afterGoodCode = (lockout: Lockout): Lockout => ({
  ...noWrongCodes,
  wrongAtUptimeMs: lockout.wrongAtUptimeMs,
})

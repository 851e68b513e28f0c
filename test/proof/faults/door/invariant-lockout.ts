/** Wrong codes: each one counts, and only a good code or the owner resets the count. */
import type { LockoutRules } from '../../../../device/core/credentials/lockout.ts'
import { type Breach, breach, type Case, type RowOf, rowsOf } from '../breach.ts'

/** A second implementation of the lockout rules, from their description and not their code. */
interface Count {
  inRow: number
  inDay: number
  pausesInRow: number
  pause: RowOf<'keypad-paused'> | null
}

const slackMs = 20

export function brokenAboutLockout(all: Case): readonly Breach[] {
  const count: Count = { inRow: 0, inDay: 0, pausesInRow: 0, pause: null }
  const breaches = rowsOf(
    all.remains.messages,
    'entry-refused',
    'entry-accepted',
    'keypad-paused',
    'keypad-resumed',
  ).flatMap((row) => counted(count, row, all))
  return [...breaches, ...forgotten(count, all), ...unloggedPauses(all)]
}

type CountedRow = RowOf<'entry-refused' | 'entry-accepted' | 'keypad-paused' | 'keypad-resumed'>

function counted(count: Count, row: CountedRow, all: Case): Breach[] {
  const { lockout } = all.ledger
  switch (row.type) {
    case 'keypad-resumed': {
      const missed = missedPause(count, lockout, row)
      Object.assign(count, { inRow: 0, inDay: 0, pausesInRow: 0, pause: null })
      return missed
    }
    case 'entry-accepted': {
      const early = [...missedPause(count, lockout, row), ...duringPause(count, row)]
      Object.assign(count, { inRow: 0, pausesInRow: 0, pause: null })
      return early
    }
    case 'entry-refused': {
      const early = [...missedPause(count, lockout, row), ...duringPause(count, row)]
      return [...early, ...refused(count, row)]
    }
    case 'keypad-paused':
      return paused(count, row, lockout)
    default:
      return row satisfies never
  }
}

function refused(count: Count, row: RowOf<'entry-refused'>): Breach[] {
  count.pause = null
  count.inRow += 1
  count.inDay += 1
  const isCounted = row.wrongInRow === count.inRow && row.wrongInDay === count.inDay
  const expected = `${count.inRow} in a row and ${count.inDay} in a day`
  return isCounted ? [] : [breach('never cheaper', `the count should be ${expected}`, row)]
}

const isPauseDue = ({ inRow, inDay }: Count, rules: LockoutRules): boolean =>
  inRow > 0 && (inRow % rules.wrongCodesPerPause === 0 || inDay >= rules.wrongCodesPerDay)

/** A pause is logged together with the wrong code that caused it. */
function missedPause(count: Count, rules: LockoutRules, ...next: readonly CountedRow[]): Breach[] {
  return isPauseDue(count, rules) && !count.pause
    ? [breach('never cheaper', 'a due pause is missing', ...next)]
    : []
}

function paused(count: Count, row: RowOf<'keypad-paused'>, rules: LockoutRules): Breach[] {
  const { firstPauseMs, longestPauseMs } = rules
  const leastMs = Math.min(firstPauseMs * 2 ** count.pausesInRow, longestPauseMs)
  const isDue = isPauseDue(count, rules)
  count.pausesInRow += 1
  count.pause = row
  const isLongEnough = row.reason === 'daily-limit' || row.forMs === leastMs
  return isDue && isLongEnough
    ? []
    : [breach('never cheaper', `the pause should be ${isDue ? `${leastMs} ms` : 'none'}`, row)]
}

/** Time passes while the daemon is down, so this is a lower limit. */
function duringPause({ pause }: Count, row: CountedRow): Breach[] {
  if (!pause || row.atMs - pause.atMs >= pause.forMs - slackMs) return []
  return [breach('never cheaper', 'a code was judged although the keypad was paused', pause, row)]
}

/** The database agrees with the log. */
function forgotten(count: Count, { remains: { kept }, ledger }: Case): Breach[] {
  const { inRow, inDay, pause } = count
  if (!kept) return []
  const { lockout, time } = kept
  const isKept = lockout.wrongInRow === inRow && lockout.wrongAtUptimeMs.length === inDay
  const pausedForMs = lockout.pausedUntilUptimeMs - time.uptimeMs
  const leastMs = pause ? pause.forMs - (time.highWaterMs - pause.atMs) - slackMs : 0
  const about = `${lockout.wrongInRow} in a row and ${lockout.wrongAtUptimeMs.length} in a day are stored`
  return [
    ...missedPause(count, ledger.lockout),
    ...(isKept ? [] : [breach('never cheaper', `${about}, ${inRow} and ${inDay} were counted`)]),
    ...(pause && pausedForMs < leastMs
      ? [breach('never cheaper', `only ${pausedForMs} ms of a pause are stored`, pause)]
      : []),
  ]
}

/** Every pause that a visitor was shown is in the log. */
function unloggedPauses({ ledger, fresh }: Case): Breach[] {
  const shown = ledger.tries.filter(
    ({ life, outcome, pausedForMs }) =>
      life === ledger.lives.length && outcome === 'denied' && pausedForMs > 0,
  )
  const rows = rowsOf(fresh, 'keypad-paused')
  const about = `${shown.length} pauses were shown, ${rows.length} are in the log`
  return rows.length < shown.length ? [breach('never cheaper', about, ...rows)] : []
}

/** Wrong codes: counted up by one each time, and taken back only by a good code or the owner. */
import type { LockoutRules } from '../../../../device/core/credentials/lockout.ts'
import { type Breach, breach, type Case, type RowOf, rowsOf } from '../breach.ts'

/** The rules of the lockout once more, written from its description and not from its code. */
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
  return [...breaches, ...forgotten(count, all), ...unheardPauses(all)]
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

/** A pause is written down together with the wrong code that brought it about. */
function missedPause(count: Count, rules: LockoutRules, ...next: readonly CountedRow[]): Breach[] {
  return isPauseDue(count, rules) && !count.pause
    ? [breach('never cheaper', 'no pause came when it was due', ...next)]
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

/** Time goes on while the daemon is dead, so this is the least that must lie between. */
function duringPause({ pause }: Count, row: CountedRow): Breach[] {
  if (!pause || row.atMs - pause.atMs >= pause.forMs - slackMs) return []
  return [breach('never cheaper', 'a code was judged although the keypad was paused', pause, row)]
}

/** What lies in the database says the same as the log. */
function forgotten(count: Count, { remains: { kept }, ledger }: Case): Breach[] {
  const { inRow, inDay, pause } = count
  if (!kept) return []
  const { lockout, time } = kept
  const isKept = lockout.wrongInRow === inRow && lockout.wrongAtUptimeMs.length === inDay
  const pausedForMs = lockout.pausedUntilUptimeMs - time.uptimeMs
  const leastMs = pause ? pause.forMs - (time.highWaterMs - pause.atMs) - slackMs : 0
  const about = `${lockout.wrongInRow} in a row and ${lockout.wrongAtUptimeMs.length} in a day are kept`
  return [
    ...missedPause(count, ledger.lockout),
    ...(isKept ? [] : [breach('never cheaper', `${about}, ${inRow} and ${inDay} were counted`)]),
    ...(pause && pausedForMs < leastMs
      ? [breach('never cheaper', `only ${pausedForMs} ms of a pause are kept`, pause)]
      : []),
  ]
}

/** A visitor who was told of a pause finds it in the log. */
function unheardPauses({ ledger, fresh }: Case): Breach[] {
  const told = ledger.tries.filter(
    ({ life, outcome, pausedForMs }) =>
      life === ledger.lives.length && outcome === 'denied' && pausedForMs > 0,
  )
  const rows = rowsOf(fresh, 'keypad-paused')
  const about = `${told.length} pauses were told of, ${rows.length} are in the log`
  return rows.length < told.length ? [breach('never cheaper', about, ...rows)] : []
}

/** Wrong codes: each one counts, and only a good code or the owner resets the count. */
import type { LockoutRules } from '../../../../../device/core/credentials/lockout.ts'
import { type Breach, breach, type Case, type RowOf, rowsOf } from '../../breach.ts'

/** A second implementation of the lockout rules, from their description and not their code. */
interface Count {
  inRow: number
  /** Up to one more than the rules ask about. */
  inDay: number
  /** The last wrong code, whose wait may not be over. */
  last: RowOf<'entry-refused'> | null
  isOwnerNotified: boolean
}

const noCount: Count = { inRow: 0, inDay: 0, last: null, isOwnerNotified: false }
const slackMs = 20

export function brokenAboutLockout(all: Case): readonly Breach[] {
  const count = { ...noCount }
  const breaches = rowsOf(
    all.remains.messages,
    'entry-refused',
    'entry-accepted',
    'keypad-paused',
    'keypad-resumed',
  ).flatMap((row) => counted(count, row, all.ledger.lockout))
  return [...breaches, ...forgotten(count, all), ...unloggedWaits(all)]
}

type CountedRow = RowOf<'entry-refused' | 'entry-accepted' | 'keypad-paused' | 'keypad-resumed'>

function counted(count: Count, row: CountedRow, rules: LockoutRules): Breach[] {
  if (row.type === 'keypad-paused') return ownerNotified(count, row, rules)
  const missed = missedAlarm(count, rules, row)
  switch (row.type) {
    case 'keypad-resumed':
      Object.assign(count, noCount)
      return missed
    case 'entry-accepted': {
      const early = duringWait(count, row, rules)
      Object.assign(count, { inRow: 0, last: null })
      return [...missed, ...early]
    }
    case 'entry-refused':
      return [...missed, ...duringWait(count, row, rules), ...refused(count, row, rules)]
    default:
      return row satisfies never
  }
}

function refused(
  count: Count,
  row: RowOf<'entry-refused'>,
  { shortWaitsPerDay }: LockoutRules,
): Breach[] {
  count.last = row
  count.inRow += 1
  count.inDay = Math.min(count.inDay + 1, shortWaitsPerDay + 1)
  const isCounted = row.wrongInRow === count.inRow && row.wrongInDay === count.inDay
  const expected = `${count.inRow} in a row and ${count.inDay} in a day`
  return isCounted ? [] : [breach('never cheaper', `the count should be ${expected}`, row)]
}

function waitMs({ inRow, inDay }: Pick<Count, 'inRow' | 'inDay'>, rules: LockoutRules): number {
  if (inDay > rules.shortWaitsPerDay) return rules.longestWaitMs
  if (inRow <= rules.freeWrongCodes) return 0
  const doublings = inRow - rules.freeWrongCodes - 1
  return Math.min(rules.firstWaitMs * 2 ** doublings, rules.longestWaitMs)
}

/** The owner is notified once, together with the first wrong code that causes the longest wait. */
const isAlarmDue = (count: Count, rules: LockoutRules): boolean =>
  !count.isOwnerNotified && count.last !== null && waitMs(count, rules) === rules.longestWaitMs

const missedAlarm = (
  count: Count,
  rules: LockoutRules,
  ...next: readonly CountedRow[]
): Breach[] =>
  isAlarmDue(count, rules)
    ? [breach('never cheaper', 'the owner was not notified of wrong codes', ...next)]
    : []

function ownerNotified(count: Count, row: RowOf<'keypad-paused'>, rules: LockoutRules): Breach[] {
  const isRight = isAlarmDue(count, rules) && row.forMs === rules.longestWaitMs
  count.isOwnerNotified = true
  return isRight ? [] : [breach('never cheaper', 'the owner was notified without a cause', row)]
}

/** Time passes while the daemon is down, so this is a lower limit. */
function duringWait(count: Count, row: CountedRow, rules: LockoutRules): Breach[] {
  const { last } = count
  if (!last || row.atMs - last.atMs >= waitMs(count, rules) - slackMs) return []
  return [breach('never cheaper', 'a code was judged although the keypad was paused', last, row)]
}

/** The database agrees with the log. */
function forgotten(count: Count, { remains: { kept }, ledger }: Case): Breach[] {
  const { inRow, inDay, last } = count
  if (!kept) return []
  const { lockout, time } = kept
  const isKept = lockout.wrongInRow === inRow && lockout.wrongAtUptimeMs.length === inDay
  const pausedForMs = lockout.pausedUntilUptimeMs - time.uptimeMs
  const passedMs = last ? time.highWaterMs - last.atMs : 0
  const leastMs = last ? waitMs(count, ledger.lockout) - passedMs - slackMs : 0
  const about = `${lockout.wrongInRow} in a row and ${lockout.wrongAtUptimeMs.length} in a day are stored`
  return [
    ...missedAlarm(count, ledger.lockout),
    ...(isKept ? [] : [breach('never cheaper', `${about}, ${inRow} and ${inDay} were counted`)]),
    ...(last && leastMs > 0 && pausedForMs < leastMs
      ? [breach('never cheaper', `only ${pausedForMs} ms of a wait are stored`, last)]
      : []),
  ]
}

/** Every wait that a visitor was shown follows from a wrong code in the log. */
function unloggedWaits({ ledger, fresh }: Case): Breach[] {
  const shown = ledger.tries.filter(
    ({ life, outcome, pausedForMs }) =>
      life === ledger.lives.length && outcome === 'denied' && pausedForMs > 0,
  )
  const rows = rowsOf(fresh, 'entry-refused').filter(
    ({ wrongInRow, wrongInDay }) =>
      waitMs({ inRow: wrongInRow, inDay: wrongInDay }, ledger.lockout) > 0,
  )
  const about = `${shown.length} waits were shown, ${rows.length} follow from the log`
  return rows.length < shown.length ? [breach('never cheaper', about, ...rows)] : []
}

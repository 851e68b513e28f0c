/** The lock: every opening has a reason and ends in time. */
import { type Breach, breach, type Case, type RowOf, rowsOf } from '../../breach.ts'

export const brokenAboutLock = (all: Case): readonly Breach[] => [
  ...openedWithoutReason(all),
  ...openTooLong(all),
  ...openWhileDead(all),
  ...neverOpened(all),
  ...unknownReasons(all),
]

/** `untilMs` is `Infinity` while it is open. */
interface Opening {
  readonly fromMs: number
  readonly untilMs: number
}

const openingsOf = ({ evidence: { lock } }: Case): readonly Opening[] =>
  lock.flatMap(({ state, atMs }, index) =>
    state === 'open' ? [{ fromMs: atMs, untilMs: lock[index + 1]?.atMs ?? Infinity }] : [],
  )

type ReasonRow = RowOf<'entry-accepted' | 'unlock-accepted' | 'exit-used'>

/** When the lock may have opened for it, in the time of this process. */
interface Reason {
  readonly row: ReasonRow
  readonly fromMs: number
  readonly untilMs: number
}

/** Does not use the times in the rows, because the door's clock may be ahead. */
function reasonsIn(all: Case): readonly Reason[] {
  const rows = rowsOf(all.remains.messages, 'entry-accepted', 'unlock-accepted', 'exit-used')
  const exits = rowsOf(rows, 'exit-used')
  return rows.flatMap((row) => {
    const life = lifeOf(all, row)
    const endMs = (all.ledger.lives[life - 1]?.diedAtMs ?? 0) + deathKnownAfterMs(all)
    if (row.type === 'entry-accepted') return [typed(all, row, life, endMs)]
    const fromMs =
      row.type === 'exit-used' ? pressedAtMs(all, row, life, exits) : givenAtMs(all, row)
    return fromMs === undefined ? [] : [{ row, fromMs, untilMs: endMs }]
  })
}

const lifeOf = ({ ledger: { lives } }: Case, { seq }: ReasonRow): number =>
  lives.findIndex(({ lastSeq }) => seq <= lastSeq) + 1

/** Answer and command to the lock arrive together, apart from delays of a busy machine. */
function typed(all: Case, row: RowOf<'entry-accepted'>, life: number, endMs: number): Reason {
  const { texts, tries } = all.ledger
  const code = texts.get(row.grantId)?.code
  const theirs = tries.filter((one) => one.life === life && one.code === code)
  const heard = theirs.filter(({ outcome }) => outcome === 'accepted' || outcome === 'unanswered')
  // A guess hit it, at an unknown time.
  if (heard.length === 0) return { row, fromMs: 0, untilMs: endMs }
  const fromMs = Math.min(...heard.map(({ sentAtMs }) => sentAtMs))
  const heardAtMs = Math.max(...heard.map((one) => one.heardAtMs))
  return { row, fromMs, untilMs: Math.min(endMs, heardAtMs + busyMs(all)) }
}

/** The connection to the button loses nothing while the daemon runs, and keeps the order. */
function pressedAtMs(
  all: Case,
  row: RowOf<'exit-used'>,
  life: number,
  exits: readonly RowOf<'exit-used'>[],
): number | undefined {
  const index = exits.filter((exit) => lifeOf(all, exit) === life).indexOf(row)
  return all.ledger.exitPresses.filter((press) => press.life === life)[index]?.atMs
}

const givenAtMs = ({ ledger }: Case, { commandId }: RowOf<'unlock-accepted'>) =>
  ledger.unlocks.get(commandId ?? '')?.atMs

const busyMs = ({ ledger }: Case): number => 300 + ledger.blinkMs

/** One row for each opening. */
function openedWithoutReason(all: Case): Breach[] {
  const left = reasonsIn(all).toSorted((a, b) => a.untilMs - b.untilMs)
  return openingsOf(all).flatMap(({ fromMs: atMs }) => {
    const at = left.findIndex(({ fromMs, untilMs }) => atMs >= fromMs - 1 && atMs <= untilMs)
    if (at < 0) return [unexplained(all, atMs)]
    left.splice(at, 1)
    return []
  })
}

const nearMs = 3_000

function unexplained(all: Case, openedAtMs: number): Breach {
  const near = all.evidence.lock.filter(({ atMs }) => Math.abs(atMs - openedAtMs) < nearMs)
  const moves = near.map(({ atMs, state, cause }) => `${atMs} ${state} (${cause})`).join(', ')
  const rows = all.fresh.filter(({ atMs }) => Math.abs(atMs - openedAtMs) < nearMs)
  return breach(
    'opens rightly',
    `the lock opened at ${openedAtMs} without a reason: ${moves}`,
    ...rows,
  )
}

/** Daemon and relay both close the lock; the later one may be late by this. */
const relockWithinMs = ({ ledger }: Case): number => 1_000 + ledger.blinkMs

/** Longer than one reason allows, it stays open only for another reason. */
function openTooLong(all: Case): Breach[] {
  const reasons = reasonsIn(all)
  const longestMs = Math.max(0, ...reasons.map(({ row }) => row.holdMs))
  return openingsOf(all).flatMap((opening) => {
    const more = reasons.filter(
      ({ fromMs, untilMs }) => untilMs >= opening.fromMs && fromMs <= opening.untilMs,
    )
    const lastMs = Math.max(opening.fromMs, ...more.map((reason) => latestMs(all, reason)))
    return opening.untilMs <= lastMs + longestMs + relockWithinMs(all)
      ? []
      : [
          breach(
            'relocks',
            `the lock was open from ${opening.fromMs} until ${opening.untilMs}`,
            ...more.map(({ row }) => row),
          ),
        ]
  })
}

const latestMs = (all: Case, { row, fromMs, untilMs }: Reason): number =>
  row.type === 'entry-accepted' ? untilMs : Math.min(untilMs, fromMs + relockWithinMs(all))

/** The connection to the lock closes with the daemon; this process notices within this. */
const deathKnownAfterMs = ({ ledger }: Case): number => 500 + ledger.blinkMs

function openWhileDead(all: Case): Breach[] {
  const { lives } = all.ledger
  return lives.flatMap(({ diedAtMs }, index) => {
    const fromMs = diedAtMs + deathKnownAfterMs(all)
    const untilMs = lives[index + 1]?.startedAtMs ?? Infinity
    return openingsOf(all)
      .filter((opening) => opening.untilMs > fromMs && opening.fromMs < untilMs)
      .map((opening) =>
        breach('relocks', `the daemon died at ${diedAtMs}, the lock closed at ${opening.untilMs}`),
      )
  })
}

/** Every visitor whose code was accepted could enter. */
function neverOpened(all: Case): Breach[] {
  const { ledger } = all
  const openings = openingsOf(all)
  return ledger.tries
    .filter(({ life, outcome }) => life === ledger.lives.length && outcome === 'accepted')
    .filter(({ sentAtMs, heardAtMs }) => {
      const latestMs = heardAtMs + deathKnownAfterMs(all)
      return !openings.some(({ fromMs, untilMs }) => fromMs <= latestMs && untilMs >= sentAtMs)
    })
    .map(({ code }) => breach('nothing lost', `${code} was accepted, but the lock did not open`))
}

/** The reasons must be real: a command that was sent, once and in time, or a button press. */
function unknownReasons({ ledger, remains: { messages } }: Case): Breach[] {
  const unlocks = rowsOf(messages, 'unlock-accepted')
  const exits = rowsOf(messages, 'exit-used')
  const seen = new Set<string>()
  const wrongly = unlocks.filter(({ commandId: fromCloud, atMs }) => {
    const commandId = fromCloud ?? ''
    const command = ledger.unlocks.get(commandId)
    const again = seen.size === seen.add(commandId).size
    return again || !command || atMs > command.expiresAtMs
  })
  return [
    ...wrongly.map((row) => breach('opens rightly', 'a stale or repeated command worked', row)),
    ...(exits.length > ledger.exitPresses.length
      ? [breach('opens rightly', 'the exit button was not pressed that often', ...exits)]
      : []),
  ]
}

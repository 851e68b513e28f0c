/** The lock: when it was seen to open, why, and for how long. */
import { type Breach, breach, type Case, type RowOf, rowsOf } from '../breach.ts'

export const brokenAboutLock = (all: Case): readonly Breach[] => [
  ...openedWithoutReason(all),
  ...openTooLong(all),
  ...openWhileDead(all),
  ...neverOpened(all),
  ...unknownReasons(all),
]

/** From opening to closing; `Infinity` when it is open still. */
interface Opening {
  readonly fromMs: number
  readonly untilMs: number
}

const openingsOf = ({ evidence: { lock } }: Case): readonly Opening[] =>
  lock.flatMap(({ state, atMs }, index) =>
    state === 'open' ? [{ fromMs: atMs, untilMs: lock[index + 1]?.atMs ?? Infinity }] : [],
  )

type ReasonRow = RowOf<'entry-accepted' | 'unlocked-remotely' | 'exit-used'>

/** When the lock can have moved for it, by the clock on the wall. */
interface Reason {
  readonly row: ReasonRow
  readonly fromMs: number
  readonly untilMs: number
}

/** The door's clock may be ahead of the world's, so its own word about the moment is not taken. */
function reasonsIn(all: Case): readonly Reason[] {
  const rows = rowsOf(all.remains.messages, 'entry-accepted', 'unlocked-remotely', 'exit-used')
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

/** Answer and order to the lock arrive together, give or take what a busy machine needs. */
function typed(all: Case, row: RowOf<'entry-accepted'>, life: number, endMs: number): Reason {
  const { texts, tries } = all.ledger
  const code = texts.get(row.grantId)?.code
  const theirs = tries.filter((one) => one.life === life && one.code === code)
  const heard = theirs.filter(({ outcome }) => outcome === 'accepted' || outcome === 'unanswered')
  // Somebody guessed it, if only once in a million: that may have been at any time.
  if (heard.length === 0) return { row, fromMs: 0, untilMs: endMs }
  const fromMs = Math.min(...heard.map(({ sentAtMs }) => sentAtMs))
  const heardAtMs = Math.max(...heard.map((one) => one.heardAtMs))
  return { row, fromMs, untilMs: Math.min(endMs, heardAtMs + busyMs(all)) }
}

/** The line to the button loses nothing while the daemon lives, and keeps the order. */
function pressedAtMs(
  all: Case,
  row: RowOf<'exit-used'>,
  life: number,
  exits: readonly RowOf<'exit-used'>[],
): number | undefined {
  const index = exits.filter((exit) => lifeOf(all, exit) === life).indexOf(row)
  return all.ledger.exitPresses.filter((press) => press.life === life)[index]?.atMs
}

const givenAtMs = ({ ledger }: Case, { commandId }: RowOf<'unlocked-remotely'>) =>
  ledger.unlocks.get(commandId)?.atMs

const busyMs = ({ ledger }: Case): number => 300 + ledger.blinkMs

/** One row each: a row that opened the lock once is no reason for it to open again. */
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

/** Door and relay both see to the end; the later of them may be late by this. */
const relockWithinMs = ({ ledger }: Case): number => 1_000 + ledger.blinkMs

/** Whatever keeps it open longer than the first reason must be another one. */
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

/** The line to the lock drops with the daemon; the world hears of it within this. */
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

/** Whoever was told to come in could. */
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

/** The reasons themselves must be real: a command that was given, once and in time, or a press. */
function unknownReasons({ ledger, remains: { messages } }: Case): Breach[] {
  const unlocks = rowsOf(messages, 'unlocked-remotely')
  const exits = rowsOf(messages, 'exit-used')
  const seen = new Set<string>()
  const wrongly = unlocks.filter(({ commandId, atMs }) => {
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

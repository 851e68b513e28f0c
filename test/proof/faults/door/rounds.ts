/** Kills at random times under mixed load, on one door after the other. */
import { type LockoutRules, shippedLockout } from '../../../../device/core/credentials/lockout.ts'
import { atExit } from '../at-exit.ts'
import { type Breach, rowsOf } from '../breach.ts'
import { type Dice, diceFrom } from '../dice.ts'
import {
  type Doom,
  endTrial,
  killEarly,
  killTrial,
  lastLife,
  liveOnce,
  newTrial,
  type Trial,
} from '../trial.ts'

export interface RoundsOptions {
  readonly doom: Doom
  readonly rounds: number
  readonly seed: number
  /** Where the daemon's sources are; default: this project. */
  readonly sources?: string | undefined
  readonly progress?: (line: string) => void
}

export interface Result {
  readonly rounds: number
  readonly breaches: readonly Breach[]
  readonly counts: Counts
  readonly restartMs: readonly number[]
}

type Counts = Record<(typeof countNames)[number], number>

const countNames = [
  'doors',
  'killed before ready',
  'codes texted',
  'PINs, codes of couriers and of sheets',
  'entries with them',
  'accepted',
  'denied',
  'paused',
  'not judged',
  'unanswered',
  'decided, but killed before the answer',
  'killed while writing a commit',
  'log rows',
  'messages the cloud received twice',
  'openings of the lock',
  'network faults',
  'replays',
] as const

export async function manyRounds(options: RoundsOptions): Promise<Result> {
  const { rounds, seed, progress = () => {} } = options
  const dice = diceFrom(seed)
  const trials: Trial[] = []
  let result = resultOf(trials, [])
  while (result.rounds < rounds && result.breaches.length === 0) {
    const breaches = await oneDoor(options, trials, rounds - result.rounds, dice.fork())
    result = resultOf(trials, breaches)
    progress(progressLine(result))
  }
  return result
}

async function oneDoor(
  { doom, sources }: RoundsOptions,
  trials: Trial[],
  most: number,
  dice: Dice,
): Promise<readonly Breach[]> {
  const trial = await newTrial({ ...limits(trials.length), doom, dice: dice.fork(), sources })
  trials.push(trial)
  const forget = atExit(() => killTrial(trial))
  try {
    return await livesOf(trial, most, dice)
  } finally {
    await endTrial(trial)
    forget()
  }
}

/** The shipped waits would stop most of the load, so only every third door has them. */
const limits = (doors: number): { readonly lockout: LockoutRules } => ({
  lockout: doors % 3 === 1 ? shippedLockout : { ...shippedLockout, longestWaitMs: 100 },
})

const longestStartMs = 1_500

async function livesOf(trial: Trial, most: number, dice: Dice): Promise<readonly Breach[]> {
  const lives = Math.min(most, 8 + dice.below(18))
  for (let life = 1; life < lives; life += 1) {
    const isEarly = life === 1 ? dice.chance(0.6) : dice.chance(0.1)
    const breaches = await (isEarly ? killEarly(trial, startMs(trial)) : liveOnce(trial))
    if (breaches.length > 0) return breaches
  }
  return lastLife(trial)
}

/** A little longer than the last start took, so that kills fall into every part of a start. */
function startMs({ ledger }: Trial): number {
  const last = ledger.lives.findLast(({ readyAfterMs }) => readyAfterMs !== null)
  return 1.1 * (last?.readyAfterMs ?? longestStartMs)
}

function resultOf(trials: readonly Trial[], breaches: readonly Breach[]): Result {
  const lives = trials.flatMap(({ ledger }) => ledger.lives)
  const counts = countNames.map((name) => [
    name,
    trials.reduce((sum, trial) => sum + countsOf(trial)[name], 0),
  ])
  return {
    rounds: lives.length,
    breaches,
    counts: Object.fromEntries(counts),
    restartMs: lives.flatMap(({ readyAfterMs }) => readyAfterMs ?? []).sort((a, b) => a - b),
  }
}

function countsOf({ ledger, door: { home }, remains, ...trial }: Trial): Counts {
  const answered = (outcome: string) => ledger.tries.filter((one) => one.outcome === outcome).length
  return {
    doors: 1,
    'killed before ready': ledger.lives.filter(({ readyAfterMs }) => readyAfterMs === null).length,
    'codes texted': ledger.texts.size,
    'PINs, codes of couriers and of sheets': ledger.standing.size,
    'entries with them': rowsOf(remains?.messages ?? [], 'entry-accepted').filter(
      ({ credential }) => credential,
    ).length,
    accepted: answered('accepted'),
    denied: answered('denied'),
    paused: answered('paused'),
    'not judged': answered('not-judged'),
    unanswered: answered('unanswered'),
    'decided, but killed before the answer': trial.decidedUnanswered,
    'killed while writing a commit': trial.halfCommits,
    'log rows': remains?.rows.length ?? 0,
    'messages the cloud received twice': home.cloud.duplicates,
    'openings of the lock': home.lockTimeline.filter(({ state }) => state === 'open').length,
    'network faults': ledger.networkFaults,
    replays: ledger.replays,
  }
}

const progressLine = ({ rounds, counts }: Result): string =>
  `${rounds} rounds: ${counts.accepted} accepted, ${counts.denied} denied, ${counts.unanswered} unanswered, ${counts['log rows']} log rows`

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

/**
 * One door, killed again and again: start it, see that it still knows what it promised, set people
 * on it, kill it, look at what is left. What kills it is handed in.
 */
import { EventEmitter } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { LockoutRules } from '../../../device/core/credentials/lockout.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { type Breach, breach, rowsOf } from './breach.ts'
import type { Dice } from './dice.ts'
import { burst } from './door/bursts.ts'
import { comeBack } from './door/coming-back.ts'
import { type Evidence, gather, headSeq, type Remains } from './door/evidence.ts'
import { type FlakyLine, flakyLine } from './door/flaky-connection.ts'
import { untold } from './door/invariant-log.ts'
import { broken } from './door/invariants.ts'
import {
  type Ledger,
  newLedger,
  noteBlinks,
  noteText,
  unusedTexts,
  usedCodes,
} from './door/ledger.ts'
import { moment, type Scene, typeCode, within } from './door/scene.ts'

/** What happens to the daemon. */
export interface Doom {
  /** Where a new door's database is to be, if not in the door's own folder. */
  readonly newDataDir?: () => string
  /** Ends the daemon without a goodbye, and makes it possible to start it again. */
  readonly strike: (door: RunningDoor) => Promise<void>
}

export interface TrialOptions {
  readonly dice: Dice
  readonly doom: Doom
  readonly lockout: LockoutRules
  readonly digits: 6 | 8
  readonly sources: string | undefined
}

export interface Trial {
  readonly options: TrialOptions
  readonly door: RunningDoor
  readonly line: FlakyLine
  readonly ledger: Ledger
  readonly databasePath: string
  readonly stopWatching: () => void
  /** What the door left behind the last time. */
  remains: Remains | null
  halfCommits: number
  /** Answers that were on their way when the daemon died although it had decided. */
  decidedUnheard: number
}

const holdMs = 500

export async function newTrial(options: TrialOptions): Promise<Trial> {
  const { lockout, sources, doom } = options
  const dataDir = doom.newDataDir?.()
  const lines: FlakyLine[] = []
  const door = await runDoor({
    startNow: false,
    ...(sources !== undefined && { sources }),
    network: async (cloudPort) => {
      const line = await flakyLine(cloudPort)
      lines.push(line)
      return line.port
    },
    config: {
      lockout,
      lock: { unlockHoldMs: holdMs, exitHoldMs: holdMs },
      visit: { leftAfterMs: 1_000 },
      ...(dataDir !== undefined && { dataDir }),
    },
  })
  const [line] = lines
  if (!line) throw new Error('the door has no network')
  const ledger = newLedger(lockout)
  door.home.cloud.events.on('text', (text) => noteText(ledger, text))
  const databasePath = dataDir === undefined ? door.databasePath : `${dataDir}/door.sqlite`
  return {
    options,
    door,
    line,
    ledger,
    databasePath,
    stopWatching: noteBlinks(ledger),
    remains: null,
    halfCommits: 0,
    decidedUnheard: 0,
  }
}

export async function endTrial({ door, line, stopWatching }: Trial): Promise<void> {
  stopWatching()
  await door.close()
  await line.close()
}

/** When there is no time to wait for anything. */
export function killTrial({ door }: Trial): void {
  if (!hasEnded(door)) process.kill(door.pid(), 'SIGKILL')
  rmSync(door.folder, { recursive: true, force: true })
}

// ---------------------------------------------------------------- one life

/** From a start to the next death. An empty list means that every promise was kept. */
export const liveOnce = (trial: Trial): Promise<readonly Breach[]> =>
  live(trial, (scene) => burst(scene, trial.options.dice.fork()))

/** Killed before it is ready: while it makes its database, or mends it after the last death. */
export async function dieYoung(trial: Trial, withinMs: number): Promise<readonly Breach[]> {
  const scene = newScene(trial)
  const startedAtMs = Date.now()
  const starting = trial.door.start().catch(() => {})
  await delay(trial.options.dice.below(withinMs))
  const breaches = await die(trial, scene, { startedAtMs, readyAfterMs: null })
  await starting
  return breaches
}

/** Everybody uses what they were promised, and the door is given time to tell the cloud. */
export async function lastLife(trial: Trial): Promise<readonly Breach[]> {
  const { ledger, door } = trial
  let head = 0
  const told = () => door.home.cloud.messages.filter(({ seq }) => seq <= head)
  const breaches = await live(trial, async (scene) => {
    for (const { code } of unusedTexts(ledger, Date.now())) await typeCode(scene, code)
    for (const code of usedCodes(ledger).slice(-3)) await typeCode(scene, code)
    head = headSeq(trial.databasePath)
    await within(tellingMs, () => told().length >= head)
  })
  const messages = (trial.remains?.messages ?? []).slice(0, head)
  return [...breaches, ...untold(messages, told())]
}

const tellingMs = 20_000

async function live(
  trial: Trial,
  act: (scene: Scene) => Promise<void>,
): Promise<readonly Breach[]> {
  const scene = newScene(trial)
  const startedAtMs = Date.now()
  const unready = await startOrTell(trial)
  if (unready) return [unready]
  const readyAfterMs = Date.now() - startedAtMs
  const forgotten = await comeBack(scene, trial.options.dice)
  if (forgotten.length === 0) await act(scene)
  const breaches = await die(trial, scene, { startedAtMs, readyAfterMs })
  return [...forgotten, ...breaches]
}

const newScene = ({ door, line, ledger, options: { digits } }: Trial): Scene => ({
  door,
  line,
  ledger,
  digits,
  life: ledger.lives.length + 1,
  over: moment(),
  underWay: new Set(),
  events: new EventEmitter(),
})

/** How fast it is back is reported; this is only so as not to wait for ever. */
const startingMs = 60_000

async function startOrTell({ door }: Trial): Promise<Breach | null> {
  const started = door.start().then(
    () => null,
    () => breach('comes back', `the daemon did not start: ${lastWords(door)}`),
  )
  const late = breach('comes back', `the daemon was not ready after ${startingMs} ms`)
  return Promise.race([started, delay(startingMs, late, { ref: false })])
}

// ---------------------------------------------------------------- dying

/** The world hears of it soon after. */
const heardOfMs = 10_000

async function die(
  trial: Trial,
  scene: Scene,
  life: { readonly startedAtMs: number; readonly readyAfterMs: number | null },
): Promise<readonly Breach[]> {
  const { door, ledger, options } = trial
  const diedBefore = hasEnded(door)
  scene.over.come()
  await options.doom.strike(door)
  const diedAtMs = Date.now()
  await Promise.all(scene.underWay)
  await within(heardOfMs, () => !door.home.daemonThere() && !door.home.linkUp())
  const evidence = gather(door, trial.databasePath, trial.remains?.rows ?? [])
  ledger.lives.push({ ...life, diedAtMs, lastSeq: evidence.remains?.rows.length ?? 0 })
  const breaches = broken(ledger, evidence)
  count(trial, evidence)
  trial.remains = evidence.remains
  return diedBefore
    ? [breach('comes back', `the daemon died by itself: ${lastWords(door)}`), ...breaches]
    : breaches
}

function count(trial: Trial, { remains, earlier }: Evidence): void {
  const { lives, tries } = trial.ledger
  if (remains?.halfCommit) trial.halfCommits += 1
  const fresh = remains?.messages.slice(earlier.length) ?? []
  const heard = tries.filter(
    ({ life, outcome }) =>
      life === lives.length && (outcome === 'accepted' || outcome === 'denied'),
  )
  const decided = rowsOf(fresh, 'entry-accepted', 'entry-refused')
  trial.decidedUnheard += Math.max(0, decided.length - heard.length)
}

const wordsKept = 20

const lastWords = ({ output }: RunningDoor): string => output.slice(-wordsKept).join('\n')

function hasEnded(door: RunningDoor): boolean {
  try {
    process.kill(door.pid(), 0)
    return false
  } catch {
    return true
  }
}

/**
 * One door that is killed repeatedly: start it, check its earlier promises, apply load, kill it and
 * examine its database. The caller chooses how it is killed.
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
import { type FlakyConnection, flakyConnection } from './door/flaky-connection.ts'
import { broken } from './door/invariants/invariants.ts'
import { undelivered } from './door/invariants/log.ts'
import {
  type Ledger,
  newLedger,
  noteBlinks,
  noteText,
  unusedTexts,
  usedCodes,
} from './door/ledger.ts'
import { overSignal, type Scene, typeCode, within } from './door/scene.ts'

/** A way to end the daemon. */
export interface Doom {
  /** Where a new door's database is stored; default: the door's own folder. */
  readonly newDataDir?: () => string
  /** Ends the daemon without warning, so that it can be started again. */
  readonly strike: (door: RunningDoor) => Promise<void>
}

export interface TrialOptions {
  readonly dice: Dice
  readonly doom: Doom
  readonly lockout: LockoutRules
  readonly sources: string | undefined
}

export interface Trial {
  readonly options: TrialOptions
  readonly door: RunningDoor
  readonly connection: FlakyConnection
  readonly ledger: Ledger
  readonly databasePath: string
  readonly stopWatching: () => void
  /** What the door left behind at the last kill. */
  remains: Remains | null
  halfCommits: number
  /** Decisions whose answer was lost because the daemon was killed. */
  decidedUnanswered: number
}

const holdMs = 500

export async function newTrial(options: TrialOptions): Promise<Trial> {
  const { lockout, sources, doom } = options
  const dataDir = doom.newDataDir?.()
  const connections: FlakyConnection[] = []
  const door = await runDoor({
    startNow: false,
    ...(sources !== undefined && { sources }),
    network: async (cloudPort) => {
      const connection = await flakyConnection(cloudPort)
      connections.push(connection)
      return connection.port
    },
    longestWaitMs: lockout.longestWaitMs,
    config: {
      lock: { unlockHoldMs: holdMs, exitHoldMs: holdMs },
      visit: { leftAfterMs: 1_000 },
      ...(dataDir !== undefined && { dataDir }),
    },
  })
  const [connection] = connections
  if (!connection) throw new Error('the door has no network')
  const ledger = newLedger(lockout)
  door.home.cloud.events.on('text', (text) => noteText(ledger, text))
  const databasePath = dataDir === undefined ? door.databasePath : `${dataDir}/door.sqlite`
  return {
    options,
    door,
    connection,
    ledger,
    databasePath,
    stopWatching: noteBlinks(ledger),
    remains: null,
    halfCommits: 0,
    decidedUnanswered: 0,
  }
}

export async function endTrial({ door, connection, stopWatching }: Trial): Promise<void> {
  stopWatching()
  await door.close()
  await connection.close()
}

/** Synchronous, for the end of the program. */
export function killTrial({ door }: Trial): void {
  if (!hasEnded(door)) process.kill(door.pid(), 'SIGKILL')
  rmSync(door.folder, { recursive: true, force: true })
}

// ---------------------------------------------------------------- one life

/** From a start to the next kill. An empty list means that no invariant was broken. */
export const liveOnce = (trial: Trial): Promise<readonly Breach[]> =>
  live(trial, (scene) => burst(scene, trial.options.dice.fork()))

/** Kills it before it is ready: while it creates its database or recovers it. */
export async function killEarly(trial: Trial, withinMs: number): Promise<readonly Breach[]> {
  const scene = newScene(trial)
  const startedAtMs = Date.now()
  const starting = trial.door.start().catch(() => {})
  await delay(trial.options.dice.below(withinMs))
  const breaches = await die(trial, scene, { startedAtMs, readyAfterMs: null })
  await starting
  return breaches
}

/** Visitors use all unused codes, and the door gets time to empty its outbox. */
export async function lastLife(trial: Trial): Promise<readonly Breach[]> {
  const { ledger, door } = trial
  let head = 0
  const delivered = () => door.home.cloud.messages.filter(({ seq }) => seq <= head)
  const breaches = await live(trial, async (scene) => {
    for (const { code } of unusedTexts(ledger, Date.now())) await typeCode(scene, code)
    for (const code of usedCodes(ledger).slice(-3)) await typeCode(scene, code)
    head = headSeq(trial.databasePath)
    await within(deliveryMs, () => delivered().length >= head)
  })
  const messages = (trial.remains?.messages ?? []).slice(0, head)
  return [...breaches, ...undelivered(messages, delivered())]
}

const deliveryMs = 20_000

async function live(
  trial: Trial,
  act: (scene: Scene) => Promise<void>,
): Promise<readonly Breach[]> {
  const scene = newScene(trial)
  const startedAtMs = Date.now()
  const failed = await startOrBreach(trial)
  if (failed) return [failed]
  const readyAfterMs = Date.now() - startedAtMs
  const forgotten = await comeBack(scene, trial.options.dice)
  if (forgotten.length === 0) await act(scene)
  const breaches = await die(trial, scene, { startedAtMs, readyAfterMs })
  return [...forgotten, ...breaches]
}

const newScene = ({ door, connection, ledger }: Trial): Scene => ({
  door,
  connection,
  ledger,
  life: ledger.lives.length + 1,
  over: overSignal(),
  underWay: new Set(),
  events: new EventEmitter(),
})

/** Far more than a start takes; the real figure is reported. */
const startingMs = 60_000

async function startOrBreach({ door }: Trial): Promise<Breach | null> {
  const started = door.start().then(
    () => null,
    () => breach('comes back', `the daemon did not start: ${lastOutput(door)}`),
  )
  const late = breach('comes back', `the daemon was not ready after ${startingMs} ms`)
  return Promise.race([started, delay(startingMs, late, { ref: false })])
}

// ---------------------------------------------------------------- the kill

/** How long lock and cloud may take to notice. */
const noticedMs = 10_000

async function die(
  trial: Trial,
  scene: Scene,
  life: { readonly startedAtMs: number; readonly readyAfterMs: number | null },
): Promise<readonly Breach[]> {
  const { door, ledger, options } = trial
  const diedBefore = hasEnded(door)
  scene.over.end()
  await options.doom.strike(door)
  const diedAtMs = Date.now()
  await Promise.all(scene.underWay)
  await within(noticedMs, () => !door.home.daemonConnected() && !door.home.linkUp())
  const evidence = gather(door, trial.databasePath, trial.remains?.rows ?? [])
  ledger.lives.push({ ...life, diedAtMs, lastSeq: evidence.remains?.rows.length ?? 0 })
  const breaches = broken(ledger, evidence)
  count(trial, evidence)
  trial.remains = evidence.remains
  return diedBefore
    ? [breach('comes back', `the daemon died by itself: ${lastOutput(door)}`), ...breaches]
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
  trial.decidedUnanswered += Math.max(0, decided.length - heard.length)
}

const linesShown = 20

const lastOutput = ({ output }: RunningDoor): string => output.slice(-linesShown).join('\n')

function hasEnded(door: RunningDoor): boolean {
  try {
    process.kill(door.pid(), 0)
    return false
  } catch {
    return true
  }
}

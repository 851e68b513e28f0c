/**
 * Network faults between a real door and a real broker: the connection is cut, loses packets or
 * works in one direction only; the broker is killed or stopped. Meanwhile the cloud sends commands
 * and people enter. Afterwards both sides must agree within a minute, with nothing lost or counted
 * twice.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import { derivePasscode } from '../../../../protocol/passcode.ts'
import { eventFilter } from '../../../../protocol/topics.ts'
import { iotConfig } from '../../../support/door/iot-home.ts'
import { type Broker, cloudName, startBroker } from '../../../support/network/broker.ts'
import { type BrokerClient, brokerClient } from '../../../support/network/broker-client.ts'
import { makeCa, type TestCa } from '../../../support/network/test-ca.ts'
import { atExit } from '../at-exit.ts'
import { type Dice, diceFrom } from '../dice.ts'
import { type RecordingCloud, recordingCloud } from './cloud.ts'
import { type TwoNetworks, twoNetworks } from './two-networks.ts'

export interface OutageOptions {
  readonly rounds: number
  readonly seed: number
  /** Each round then cuts the connection for this long, without shortening anything. */
  readonly minutes?: number | undefined
  readonly progress?: (line: string) => void
}

export interface OutageResult {
  readonly rounds: number
  readonly breaches: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  /** How long after the end of each outage both sides agreed, sorted. */
  readonly agreedAfterMs: readonly number[]
}

/**
 * Outages are shortened: 18 s stand for 6 hours, which is still longer than the connection takes to
 * notice. The keep-alive of the connection is shortened much less.
 */
const scale = 1_200
const shortestMs = 1_000 / scale
const longestMs = (6 * 3_600_000) / scale
const agreeWithinMs = 60_000
const keepAliveSeconds = 5
const doorId = 'test-door'

const outages = ['cut', 'leak', 'deaf', 'dumb', 'broker-killed', 'broker-stuck'] as const
type Outage = (typeof outages)[number]

export async function networkFaults(options: OutageOptions): Promise<OutageResult> {
  const { rounds, seed, minutes, progress = () => {} } = options
  const dice = diceFrom(seed)
  const scene = await newScene()
  const agreedAfterMs: number[] = []
  const counts: Record<string, number> = { 'codes typed offline': 0 }
  const breaches: string[] = []
  try {
    for (let round = 1; round <= rounds && breaches.length === 0; round += 1) {
      const outage = minutes === undefined ? (dice.pick(outages) ?? 'cut') : 'cut'
      const outageMs = minutes === undefined ? lengthMs(dice) : minutes * 60_000
      counts[outage] = (counts[outage] ?? 0) + 1
      const found = await play(scene, { outage, outageMs, dice })
      counts['codes typed offline'] = (counts['codes typed offline'] ?? 0) + found.codes
      agreedAfterMs.push(found.agreedAfterMs)
      breaches.push(...found.breaches.map((what) => `round ${round} (${outage}): ${what}`))
      progress(`network: round ${round}, ${outage}, agreed after ${found.agreedAfterMs} ms`)
    }
    breaches.push(...(await finalCheck(scene)))
    const { cloud } = scene
    Object.assign(counts, { messages: cloud.heard.size, 'received twice': cloud.duplicates() })
    return {
      ...{ rounds: agreedAfterMs.length, breaches, counts },
      agreedAfterMs: agreedAfterMs.sort((a, b) => a - b),
    }
  } finally {
    await scene.close()
  }
}

// ---------------------------------------------------------------- the scene

interface Scene {
  readonly net: TwoNetworks
  readonly broker: Broker
  readonly connection: BrokerClient
  readonly cloud: RecordingCloud
  readonly door: DoorProcess
  readonly store: Database.Database
  close(): Promise<void>
}

async function newScene(): Promise<Scene> {
  const ca = makeCa()
  const net = twoNetworks()
  const broker = await startBroker({ ca, host: net.cloudHost })
  const forget = atExit(() => void broker.signal('SIGKILL'))
  const cloud = recordingCloud(doorId, (said) => void connection.say(said).catch(() => {}))
  const connection = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    hear: cloud.hear,
    keepsSession: true,
  })
  const door = await startDoor(net, ca, broker)
  const store = new Database(door.databasePath, { readonly: true })
  return {
    ...{ net, broker, connection, cloud, door, store },
    async close() {
      store.close()
      await door.stop()
      await connection.close()
      await broker.close()
      forget()
      net.remove()
      ca.remove()
    },
  }
}

interface DoorProcess {
  readonly databasePath: string
  readonly doorKey: Uint8Array
  enter(code: string): Promise<string>
  exit(): Promise<void>
  stop(): Promise<void>
}

const saidSchema = z.union([
  z.strictObject({
    ready: z.strictObject({ databasePath: z.string(), doorKey: z.string(), pid: z.int() }),
  }),
  z.strictObject({ n: z.int(), outcome: z.optional(z.string()) }),
])

const doorProgram = fileURLToPath(new URL('./door-process.ts', import.meta.url))

async function startDoor(net: TwoNetworks, ca: TestCa, broker: Broker): Promise<DoorProcess> {
  const { iot, link } = iotConfig(ca, broker)
  const config = { link, iot: { ...iot, keepAliveSeconds } }
  const [program = '', ...args] = [...net.within, process.execPath, doorProgram]
  const child: ChildProcess = spawn(program, [...args, JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const forget = atExit(() => void child.kill('SIGKILL'))
  const waiting = new Map<number, (outcome: string) => void>()
  let lastN = 0
  const ready = new Promise<{ databasePath: string; doorKey: string }>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`the door process ended (${code})`)))
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (text) => {
      const said = z.parse(saidSchema, JSON.parse(text))
      if ('ready' in said) resolve(said.ready)
      else waiting.get(said.n)?.(said.outcome ?? '')
    })
  })
  const ask = (order: object) =>
    new Promise<string>((resolve) => {
      lastN += 1
      waiting.set(lastN, resolve)
      child.stdin?.write(`${JSON.stringify({ n: lastN, ...order })}\n`)
    })
  const { databasePath, doorKey } = await ready
  return {
    databasePath,
    doorKey: Buffer.from(doorKey, 'hex'),
    enter: (code) => ask({ do: 'enter', code }),
    async exit() {
      await ask({ do: 'exit' })
    },
    async stop() {
      await ask({ do: 'stop' })
      forget()
    },
  }
}

// ---------------------------------------------------------------- one round

interface Played {
  readonly agreedAfterMs: number
  readonly codes: number
  readonly breaches: readonly string[]
}

const grantsMs = 280_000

interface Round {
  readonly outage: Outage
  readonly outageMs: number
  readonly dice: Dice
}

async function play(scene: Scene, { outage, outageMs, dice }: Round): Promise<Played> {
  const { cloud } = scene
  const granted = [cloud.grant(grantsMs), cloud.grant(grantsMs), cloud.grant(grantsMs)]
  const isStored = () => granted.every((grantId) => cloud.stored(grantId))
  if (!(await within(agreeWithinMs, isStored))) return lost('grants were not stored')
  const [first = '', second = '', revoked = ''] = granted
  await begin(scene, outage, dice)
  const typed = [await typedIn(scene, first)]
  sendCommands(scene, revoked, dice)
  await useExits(scene, Math.min(outageMs, longestWaitMs))
  typed.push(await typedIn(scene, second))
  await useExits(scene, outageMs - longestWaitMs)
  await endOutage(scene, outage)
  const endedAtMs = performance.now()
  const agrees = await within(agreeWithinMs, () => disagreements(scene).length === 0)
  const refused = typed.filter((outcome) => outcome !== 'accepted')
  return {
    agreedAfterMs: Math.round(performance.now() - endedAtMs),
    codes: typed.length,
    breaches: [
      ...refused.map((outcome) => `a code typed offline was ${outcome}`),
      ...(agrees ? [] : disagreements(scene)),
    ],
  }
}

/** A code is valid for five minutes, also during a longer outage. */
const longestWaitMs = 240_000
const exitEveryMs = 5_000

/** People leave now and then, so that a long outage fills the outbox. */
async function useExits({ door }: Scene, forMs: number): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= exitEveryMs) {
    await door.exit()
    await sleep(Math.min(leftMs, exitEveryMs))
  }
}

/** Logarithmic, so that short outages are as frequent as long ones. */
const lengthMs = (dice: Dice): number =>
  shortestMs * (longestMs / shortestMs) ** (dice.below(1_001) / 1_000)

const lost = (why: string): Played => ({ agreedAfterMs: agreeWithinMs, codes: 0, breaches: [why] })

const typedIn = ({ door }: Scene, grantId: string): Promise<string> =>
  door.enter(derivePasscode(door.doorKey, grantId, 8))

/** What the cloud sends while the door may not receive it. */
function sendCommands({ cloud }: Scene, revoked: string, dice: Dice): void {
  cloud.revoke(revoked)
  for (let more = dice.below(4); more > 0; more -= 1) {
    cloud.set({
      unlockHoldMs: 1_000 + dice.below(4_000),
      ...{ heldOpenAfterMs: 60_000, language: 'en', passcodeDigits: 8, timeZone: 'UTC' },
    })
  }
  if (dice.chance(0.5)) cloud.grant(grantsMs)
  if (dice.chance(0.5)) cloud.revoke(cloud.grant(grantsMs))
}

async function begin({ net, broker }: Scene, outage: Outage, dice: Dice): Promise<void> {
  const everything = { out: 1, in: 1 }
  const share = 0.05 + dice.below(26) / 100
  switch (outage) {
    case 'cut':
      return net.lose(everything)
    case 'leak':
      return net.lose({ out: share, in: share })
    case 'deaf':
      return net.lose({ out: 0, in: 1 })
    case 'dumb':
      return net.lose({ out: 1, in: 0 })
    case 'broker-killed':
      // Unlike AWS, this broker persists nothing: accepted messages must be delivered before it dies.
      net.lose(everything)
      await sleep(200)
      return broker.kill()
    case 'broker-stuck':
      return broker.signal('SIGSTOP')
    default:
      return outage satisfies never
  }
}

async function endOutage({ net, broker, connection }: Scene, outage: Outage): Promise<void> {
  if (outage === 'broker-killed') {
    const before = connection.arrivals()
    await broker.start()
    await within(agreeWithinMs, () => connection.arrivals() > before)
  }
  if (outage === 'broker-stuck') broker.signal('SIGCONT')
  net.lose({ out: 0, in: 0 })
}

async function within(ms: number, condition: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + ms
  while (!condition()) {
    if (performance.now() > untilMs) return false
    await sleep(20)
  }
  return true
}

// ---------------------------------------------------------------- whether both sides agree

const rowSchema = z.object({ seq: z.int(), text: z.string() })
const openSchema = z.array(z.object({ grant_id: z.string() }))
const settingsSchema = z.object({ value: z.string() })

/** Compares the cloud with the door's database, which decides about codes. */
function disagreements({ store, cloud }: Scene): string[] {
  const nowMs = Date.now()
  const open = z
    .parse(
      openSchema,
      store
        .prepare('SELECT grant_id FROM grants WHERE closed IS NULL AND expires_at_ms > ?')
        .all(nowMs),
    )
    .map(({ grant_id: grantId }) => grantId)
  const expected = cloud.expected.grants(nowMs)
  const unsent = Number(store.prepare('SELECT count(*) FROM outbox').pluck().get())
  const revision = revisionIn(store)
  return [
    ...open
      .filter((one) => !expected.includes(one))
      .map((one) => `the door has the extra grant ${one}`),
    ...expected
      .filter((one) => !open.includes(one))
      .map((one) => `the door lacks the grant ${one}`),
    ...(revision === cloud.expected.revision() ? [] : [`settings are at ${revision}`]),
    ...(hasUndelivered({ store, cloud }) ? [`${unsent} messages did not arrive`] : []),
  ]
}

function revisionIn(store: Database.Database): number {
  const row = store.prepare("SELECT value FROM door_state WHERE part = 'settings'").get()
  if (row === undefined) return 0
  const { value } = z.parse(settingsSchema, row)
  return z.parse(z.object({ revision: z.int() }), JSON.parse(value)).revision
}

function hasUndelivered({ store, cloud }: Pick<Scene, 'store' | 'cloud'>): boolean {
  const rows = Number(store.prepare('SELECT seq FROM log_head').pluck().get())
  return cloud.heard.size < rows
}

/** Every row of the door's log reached the cloud once and unchanged, and nothing else did. */
async function finalCheck(scene: Scene): Promise<string[]> {
  const { store, cloud } = scene
  await within(agreeWithinMs, () => disagreements(scene).length === 0)
  const rows = z.parse(z.array(rowSchema), store.prepare('SELECT seq, text FROM log').all())
  const idSchema = z.object({ id: z.string() })
  const ids = new Set(rows.map(({ text }) => z.parse(idSchema, JSON.parse(text)).id))
  const missing = [...ids].filter((id) => !cloud.heard.has(id))
  const invented = [...cloud.heard.keys()].filter((id) => !ids.has(id))
  const unacknowledged = new Set(
    z.parse(z.array(z.int()), store.prepare('SELECT seq FROM outbox').pluck().all()),
  )
  const lostRows = rows.filter(
    ({ seq, text }) =>
      !unacknowledged.has(seq) && !cloud.heard.has(z.parse(idSchema, JSON.parse(text)).id),
  )
  return [
    ...missing.map((id) => `message ${id} never arrived`),
    ...lostRows.map(({ seq }) => `row ${seq} was acknowledged and never arrived`),
    ...invented.map((id) => `message ${id} is not in the log`),
    ...cloud.forged,
  ]
}

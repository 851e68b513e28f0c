/**
 * Bad weather between a real door and a real broker: the cable is cut or leaks, one direction dies,
 * the broker is killed or stands still. Meanwhile the cloud wants things and people come in. After
 * each spell both sides must agree within a minute, and nothing may be lost or counted twice.
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
import { type WeatherCloud, weatherCloud } from './cloud.ts'
import { type WeatherNet, weatherNet } from './net.ts'

export interface WeatherOptions {
  readonly rounds: number
  readonly seed: number
  /** Each round is then a cable cut for so long in real life, nothing shortened. */
  readonly minutes?: number | undefined
  readonly progress?: (line: string) => void
}

export interface WeatherResult {
  readonly rounds: number
  readonly breaches: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  /** Sorted: how long after the weather had cleared both sides agreed. */
  readonly agreedAfterMs: readonly number[]
}

/**
 * Twelve hundred times shorter than in life, so that 18 s stand for 6 hours: longer than the line
 * takes to notice anything. What the line itself waits for is hardly shortened.
 */
const scale = 1_200
const shortestMs = 1_000 / scale
const longestMs = (6 * 3_600_000) / scale
const agreeWithinMs = 60_000
const keepAliveSeconds = 5
const doorId = 'test-door'

const spells = ['cut', 'leak', 'deaf', 'dumb', 'broker-killed', 'broker-stuck'] as const
type Spell = (typeof spells)[number]

export async function weather(options: WeatherOptions): Promise<WeatherResult> {
  const { rounds, seed, minutes, progress = () => {} } = options
  const dice = diceFrom(seed)
  const scene = await newScene()
  const agreedAfterMs: number[] = []
  const counts: Record<string, number> = { 'codes typed offline': 0 }
  const breaches: string[] = []
  try {
    for (let round = 1; round <= rounds && breaches.length === 0; round += 1) {
      const spell = minutes === undefined ? (dice.pick(spells) ?? 'cut') : 'cut'
      const spellMs = minutes === undefined ? lengthMs(dice) : minutes * 60_000
      counts[spell] = (counts[spell] ?? 0) + 1
      const found = await play(scene, { spell, spellMs, dice })
      counts['codes typed offline'] = (counts['codes typed offline'] ?? 0) + found.codes
      agreedAfterMs.push(found.agreedAfterMs)
      breaches.push(...found.breaches.map((what) => `round ${round} (${spell}): ${what}`))
      progress(`weather: round ${round}, ${spell}, agreed after ${found.agreedAfterMs} ms`)
    }
    breaches.push(...(await lastLook(scene)))
    const { cloud } = scene
    Object.assign(counts, { messages: cloud.heard.size, 'heard twice': cloud.duplicates() })
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
  readonly net: WeatherNet
  readonly broker: Broker
  readonly line: BrokerClient
  readonly cloud: WeatherCloud
  readonly house: House
  readonly store: Database.Database
  close(): Promise<void>
}

async function newScene(): Promise<Scene> {
  const ca = makeCa()
  const net = weatherNet()
  const broker = await startBroker({ ca, host: net.cloudHost })
  const forget = atExit(() => void broker.signal('SIGKILL'))
  const cloud = weatherCloud(doorId, (said) => void line.say(said).catch(() => {}))
  const line = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    hear: cloud.hear,
    keepsSession: true,
  })
  const house = await openHouse(net, ca, broker)
  const store = new Database(house.databasePath, { readonly: true })
  return {
    ...{ net, broker, line, cloud, house, store },
    async close() {
      store.close()
      await house.stop()
      await line.close()
      await broker.close()
      forget()
      net.remove()
      ca.remove()
    },
  }
}

interface House {
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

const houseProgram = fileURLToPath(new URL('./house.ts', import.meta.url))

async function openHouse(net: WeatherNet, ca: TestCa, broker: Broker): Promise<House> {
  const { iot, link } = iotConfig(ca, broker)
  const config = { link, iot: { ...iot, keepAliveSeconds }, passcodeDigits: 8 }
  const [program = '', ...args] = [...net.within, process.execPath, houseProgram]
  const child: ChildProcess = spawn(program, [...args, JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const forget = atExit(() => void child.kill('SIGKILL'))
  const waiting = new Map<number, (outcome: string) => void>()
  let lastN = 0
  const ready = new Promise<{ databasePath: string; doorKey: string }>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`the house fell down (${code})`)))
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
  readonly spell: Spell
  readonly spellMs: number
  readonly dice: Dice
}

async function play(scene: Scene, { spell, spellMs, dice }: Round): Promise<Played> {
  const { cloud } = scene
  const granted = [cloud.grant(grantsMs), cloud.grant(grantsMs), cloud.grant(grantsMs)]
  const isStored = () => granted.every((grantId) => cloud.stored(grantId))
  if (!(await within(agreeWithinMs, isStored))) return lost('grants were not stored')
  const [first = '', second = '', withdrawn = ''] = granted
  await begin(scene, spell, dice)
  const typed = [await typedIn(scene, first)]
  want(scene, withdrawn, dice)
  await comingsAndGoings(scene, Math.min(spellMs, longestWaitMs))
  typed.push(await typedIn(scene, second))
  await comingsAndGoings(scene, spellMs - longestWaitMs)
  await clearUp(scene, spell)
  const clearedAtMs = performance.now()
  const agrees = await within(agreeWithinMs, () => disagreements(scene).length === 0)
  const refused = typed.filter((outcome) => outcome !== 'accepted')
  return {
    agreedAfterMs: Math.round(performance.now() - clearedAtMs),
    codes: typed.length,
    breaches: [
      ...refused.map((outcome) => `a code typed offline was ${outcome}`),
      ...(agrees ? [] : disagreements(scene)),
    ],
  }
}

/** A code may be typed for five minutes, however long the line is away. */
const longestWaitMs = 240_000
const exitEveryMs = 5_000

/** Somebody leaves every now and then, so that a long time away leaves much to tell. */
async function comingsAndGoings({ house }: Scene, forMs: number): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= exitEveryMs) {
    await house.exit()
    await sleep(Math.min(leftMs, exitEveryMs))
  }
}

/** Short ones as often as long ones: each is as likely to be twice as long as another. */
const lengthMs = (dice: Dice): number =>
  shortestMs * (longestMs / shortestMs) ** (dice.below(1_001) / 1_000)

const lost = (why: string): Played => ({ agreedAfterMs: agreeWithinMs, codes: 0, breaches: [why] })

const typedIn = ({ house }: Scene, grantId: string): Promise<string> =>
  house.enter(derivePasscode(house.doorKey, grantId, 8))

/** What the cloud wants while it cannot be sure that anybody hears it. */
function want({ cloud }: Scene, withdrawn: string, dice: Dice): void {
  cloud.revoke(withdrawn)
  for (let more = dice.below(4); more > 0; more -= 1) {
    cloud.set({
      unlockHoldMs: 1_000 + dice.below(4_000),
      ...{ heldOpenAfterMs: 60_000, language: 'en', passcodeDigits: 8 },
    })
  }
  if (dice.chance(0.5)) cloud.grant(grantsMs)
  if (dice.chance(0.5)) cloud.revoke(cloud.grant(grantsMs))
}

async function begin({ net, broker }: Scene, spell: Spell, dice: Dice): Promise<void> {
  const everything = { out: 1, in: 1 }
  const share = 0.05 + dice.below(26) / 100
  switch (spell) {
    case 'cut':
      return net.weather(everything)
    case 'leak':
      return net.weather({ out: share, in: share })
    case 'deaf':
      return net.weather({ out: 0, in: 1 })
    case 'dumb':
      return net.weather({ out: 1, in: 0 })
    case 'broker-killed':
      // Unlike AWS this broker keeps nothing safe: what it has taken must be through before it dies.
      net.weather(everything)
      await sleep(200)
      return broker.kill()
    case 'broker-stuck':
      return broker.signal('SIGSTOP')
    default:
      return spell satisfies never
  }
}

async function clearUp({ net, broker, line }: Scene, spell: Spell): Promise<void> {
  if (spell === 'broker-killed') {
    const before = line.arrivals()
    await broker.start()
    await within(agreeWithinMs, () => line.arrivals() > before)
  }
  if (spell === 'broker-stuck') broker.signal('SIGCONT')
  net.weather({ out: 0, in: 0 })
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

/** The door's disk is looked at, since that is what its codes are judged by. */
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
  const wanted = cloud.wanted.grants(nowMs)
  const unsent = Number(store.prepare('SELECT count(*) FROM outbox').pluck().get())
  const revision = revisionIn(store)
  return [
    ...open.filter((one) => !wanted.includes(one)).map((one) => `the door keeps ${one}`),
    ...wanted.filter((one) => !open.includes(one)).map((one) => `the door lacks ${one}`),
    ...(revision === cloud.wanted.revision() ? [] : [`settings are at ${revision}`]),
    ...(unsentNobodyHeard({ store, cloud }) ? [`${unsent} messages were not heard`] : []),
  ]
}

function revisionIn(store: Database.Database): number {
  const row = store.prepare("SELECT value FROM door_state WHERE part = 'settings'").get()
  if (row === undefined) return 0
  const { value } = z.parse(settingsSchema, row)
  return z.parse(z.object({ revision: z.int() }), JSON.parse(value)).revision
}

function unsentNobodyHeard({ store, cloud }: Pick<Scene, 'store' | 'cloud'>): boolean {
  const rows = Number(store.prepare('SELECT seq FROM log_head').pluck().get())
  return cloud.heard.size < rows
}

/** Every row of the door's log reached the cloud, once by its id, word for word, and nothing else did. */
async function lastLook(scene: Scene): Promise<string[]> {
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
    ...invented.map((id) => `message ${id} is from nobody`),
    ...cloud.forged,
  ]
}

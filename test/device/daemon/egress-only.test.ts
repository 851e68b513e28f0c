/** After any fault at its start the door lets people out, admits no one, and recovers by itself. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../../simulation/door/free-port.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { isProof, testProof } from '../../support/effort.ts'

let door: RunningDoor
/** Valid throughout. */
let code = ''
let port = 0
const at = (...names: string[]) => join(door.folder, ...names)
const repairs: (() => unknown)[] = []

beforeAll(async () => {
  port = await freePort(0)
  door = await runDoor({ config: { keypad: { port } } })
  await vi.waitFor(() => expect(door.home.linkUp()).toBe(true), 60_000)
  code = (await door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })).code
  await door.end('SIGTERM')
  for (const name of ['data', 'config.json', 'door-key']) {
    cpSync(at(name), at('good', name), { recursive: true })
  }
})
afterAll(() => door.close())
afterEach(async () => {
  await door.end('SIGKILL')
  vi.unstubAllEnvs()
  for (const repair of repairs.splice(0)) await repair()
  for (const name of readdirSync(at('good'))) {
    rmSync(at(name), { recursive: true, force: true })
    cpSync(at('good', name), at(name), { recursive: true })
  }
})

const ask = async (path: string, body?: object) => {
  const response = await fetch(
    `${door.url()}${path}`,
    body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
  )
  return { status: response.status, text: await response.text() }
}
const opened = () => door.home.lockTimeline.filter(({ state }) => state === 'open').length

async function letsOut(): Promise<void> {
  const before = opened()
  door.home.exit()
  await expect.poll(opened, { timeout: 1_000, interval: 10 }).toBe(before + 1)
}

async function admitsNobody(reason: RegExp): Promise<void> {
  const before = opened()
  expect(await ask('/api/code', { code })).toMatchObject({ status: 503 })
  expect(await ask('/api/bell', {})).toMatchObject({ status: 503 })
  expect(JSON.parse((await ask('/api/state')).text)).toMatchObject({ keypad: 'out-of-order' })
  expect((await ask('/')).text).toContain('<html')
  const health = await ask('/healthz')
  expect(health).toMatchObject({ status: 503, text: expect.stringMatching(reason) })
  expect(door.output.join('\n')).toMatch(reason)
  expect(opened()).toBe(before)
}

function readOnly(folder: string): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    repairs.push(() => execFileSync('umount', [folder]))
  } catch {
    // Without root the modes are enough.
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o400)
    chmodSync(folder, 0o500)
    repairs.push(() => chmodSync(folder, 0o700))
  }
}

type Fault = readonly [name: string, breakIt: () => void, reason: RegExp]

const faults: readonly Fault[] = [
  [
    'a malformed row of door_state',
    () => {
      const db = new Database(door.databasePath)
      db.prepare(`UPDATE door_state SET value = '{'`).run()
      db.close()
    },
    /A row of door_state in the door's database is invalid/,
  ],
  [
    'a config file that was saved by half',
    () => writeFileSync(door.configPath, readFileSync(door.configPath, 'utf8').slice(0, 200)),
    /not valid JSON.*the last config that worked/,
  ],
]

/** The same paths through the daemon as those above. */
const otherFaults: readonly Fault[] = [
  ['an empty database', () => truncateSync(door.databasePath), /missing or empty/],
  ['an empty key file', () => truncateSync(at('door-key')), /must be 64 hex digits/],
  ['a read-only data folder', () => readOnly(at('data')), /cannot be (changed|written)/],
]

test.each(isProof ? [...faults, ...otherFaults] : faults)('with %s', async (_, breakIt, reason) => {
  breakIt()
  await door.start()
  await letsOut()
  await admitsNobody(reason)
})

test('with a taken port, until it is free', async () => {
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  // As systemd sets it, for both.
  vi.stubEnv('RUNTIME_DIRECTORY', door.folder)
  await door.start()
  await letsOut()
  const { stdout } = await smartDoor('doctor', '--config', door.configPath)
  expect(stdout).toMatch(new RegExp(`ERROR +daemon .*Port ${port} is taken`))
  expect(door.output.join('\n')).toContain(`Port ${port} is taken`)
  other.close()
  const health = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ status }) => status,
      () => 0,
    )
  await expect.poll(health, { timeout: 20_000, interval: 200 }).toBe(200)
  expect(existsSync(at('egress-only'))).toBe(false)
})

testProof('with EIO that passes: then the same code opens', async () => {
  rmSync(at('door-key'))
  symlinkSync('/proc/self/mem', at('door-key'))
  await door.start()
  await letsOut()
  await admitsNobody(/cannot be read \(EIO\)/)
  const { stdout } = await smartDoor('doctor', '--config', door.configPath)
  expect(stdout).toMatch(/ERROR +daemon .*EIO/)
  rmSync(at('door-key'))
  cpSync(at('good', 'door-key'), at('door-key'))
  await expect
    .poll(async () => (await ask('/healthz')).status, { timeout: 20_000, interval: 200 })
    .toBe(200)
  expect(await door.enter(code)).toMatchObject({ outcome: 'accepted' })
})

testProof('ends for a restart when the repaired config is another one', async () => {
  const good = readFileSync(door.configPath, 'utf8')
  writeFileSync(door.configPath, good.slice(0, 200))
  await door.start()
  writeFileSync(door.configPath, JSON.stringify({ ...JSON.parse(good), doorName: 'New name' }))
  await expect.poll(() => isAlive(door.pid()), { timeout: 20_000, interval: 200 }).toBe(false)
  await door.start()
  expect(JSON.parse((await ask('/api/state')).text)).toMatchObject({
    doorName: 'New name',
    keypad: 'ready',
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

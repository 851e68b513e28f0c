import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../simulation/free-port.ts'
import {
  childrenOf,
  isRunning,
  type StartedSimulation,
  startSimulation,
} from '../support/started-simulation.ts'

const program = fileURLToPath(new URL('../../simulation/start.ts', import.meta.url))

let ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
})

async function start(args: readonly string[] = []): Promise<StartedSimulation> {
  const started = await startSimulation(args)
  ends.push(() => started.end())
  return started
}

/** Somebody arrives, the owner allows them, and this is the code in their hand. */
async function codeFor(name: string, { post, state }: StartedSimulation): Promise<string> {
  await post('arrive')
  const before = (await state()).texts.length
  expect((await post('allow', { name, language: 'en' })).status).toBe(204)
  const { texts } = await state()
  expect(texts.length).toBe(before + 1)
  return texts[0]?.text.match(/\d{6}/)?.[0] ?? ''
}

const happened = async ({ state }: StartedSimulation): Promise<string[]> =>
  (await state()).timeline.map(({ sentence }) => sentence)

describe('a door on this computer', () => {
  test('lets in whom the owner allowed, greets them by name, and locks again', async () => {
    const home = await start()
    const code = await codeFor('Robin', home)
    expect(await home.enter(code)).toMatchObject({ outcome: 'accepted', visitorName: 'Robin' })
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    await expect
      .poll(() => happened(home))
      .toContain('Robin typed a good code. The lock opened for 5 s.')
    await expect
      .poll(async () => (await home.state()).door.lock, { timeout: 10_000 })
      .toBe('closed')
    expect(await home.enter(code)).toMatchObject({ outcome: 'denied' })
  })

  test('works with the network cut, and tells the cloud afterwards', async () => {
    const home = await start()
    const code = await codeFor('Robin', home)
    await home.post('network', { up: false })
    await expect.poll(async () => (await home.state()).door.online).toBe(false)
    expect(await home.enter(code)).toMatchObject({ outcome: 'accepted' })
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    expect((await happened(home)).join()).not.toContain('typed a good code')
    await home.post('network', { up: true })
    await expect
      .poll(() => happened(home))
      .toContain('Robin typed a good code. The lock opened for 5 s.')
  })

  test('locks when the power is cut, comes back, and remembers which code was used', async () => {
    const home = await start()
    const [daemon] = childrenOf(home.pid)
    const used = await codeFor('Robin', home)
    const unused = await codeFor('Kim', home)
    await home.enter(used)
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    await home.post('power-cut')
    await expect
      .poll(() => happened(home))
      .toContain('The bolt moved: closed by itself, the daemon was gone.')
    await expect.poll(() => home.printed).toContain('The door is back.')
    expect(childrenOf(home.pid)).not.toContain(daemon)
    expect(await home.enter(used)).toMatchObject({ outcome: 'denied' })
    expect(await home.enter(unused)).toMatchObject({ outcome: 'accepted' })
  })

  test('says so when the daemon dies by itself, and starts it again', async () => {
    const home = await start()
    const [daemon = 0] = childrenOf(home.pid)
    process.kill(daemon, 'SIGKILL')
    await expect.poll(() => home.printed.join('\n')).toContain('The door was ended by SIGKILL.')
    await expect.poll(() => home.printed, { timeout: 10_000 }).toContain('The door is back.')
    expect(isRunning(daemon)).toBe(false)
  })
})

describe('npm start', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing behind after %s',
    async (signal) => {
      const home = await start()
      const [daemon = 0] = childrenOf(home.pid)
      const folder = dataFolderOf(daemon)
      expect(existsSync(folder)).toBe(true)
      const startedMs = performance.now()
      expect(await home.end(signal)).toBe(0)
      expect(performance.now() - startedMs).toBeLessThan(5_000)
      expect(isRunning(daemon)).toBe(false)
      expect(existsSync(folder)).toBe(false)
    },
  )

  test('leaves nothing behind either when the daemon is stuck and it is told twice', async () => {
    const home = await start()
    const [daemon = 0] = childrenOf(home.pid)
    const folder = dataFolderOf(daemon)
    process.kill(daemon, 'SIGSTOP')
    process.kill(home.pid, 'SIGINT')
    // It has heard the first one when its page is gone; two at once would count as one.
    await expect.poll(() => home.state().catch(() => 'gone')).toBe('gone')
    expect(await home.end('SIGINT')).toBe(1)
    await expect.poll(() => isRunning(daemon)).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  test('leaves nothing behind when it is stopped before the daemon is ready', async () => {
    const child = spawn(process.execPath, [program, '--port', String(await freePort(0))])
    const ended = once(child, 'close')
    await once(child.stdout, 'data')
    const pids = childrenOf(child.pid ?? 0)
    const folders = pids.map(dataFolderOf).filter(Boolean)
    expect(folders.length).toBe(1)
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    expect(pids.filter(isRunning)).toEqual([])
    expect(folders.filter((folder) => existsSync(folder))).toEqual([])
  })

  test('keeps the door’s memory in a folder of choice, its key readable by nobody else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'start-test-'))
    ends.push(() => rmSync(folder, { recursive: true }))
    const first = await start(['--data', folder])
    const used = await codeFor('Robin', first)
    await first.enter(used)
    await first.end()
    expect(statSync(join(folder, 'door-key')).mode & 0o777).toBe(0o600)
    const key = readFileSync(join(folder, 'door-key'), 'utf8')

    const second = await start(['--data', folder])
    expect(readFileSync(join(folder, 'door-key'), 'utf8')).toBe(key)
    expect(await second.enter(used)).toMatchObject({ outcome: 'denied' })
    // Remembered as used, not merely unknown: the cloud of the second start knows nothing of it.
    await expect
      .poll(() => happened(second))
      .toContainEqual(expect.stringContaining('it had been used before'))
    await second.end()
    expect(readdirSync(folder)).toContain('door-key')
  })

  test('takes other ports where its own are taken, and says so', async () => {
    const other = createServer()
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
    ends.push(() => other.close())
    const address = other.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    const home = await start(['--port', String(taken)])
    expect(home.printed[0]).toBe(
      `Port ${taken} is taken, so the control room uses ${new URL(home.url).port}.`,
    )
    expect((await home.state()).door.running).toBe(true)
  })

  test.each([
    ['--port', 'many'],
    ['--prot', '4000'],
  ])('explains itself when it is told %s %s', (...args) => {
    const program = fileURLToPath(new URL('../../simulation/start.ts', import.meta.url))
    const { status, stdout } = spawnSync(process.execPath, [program, ...args])
    expect(status).toBe(64)
    expect(stdout.toString()).toContain('--data DIR')
  })
})

describe('a control', () => {
  let home: StartedSimulation
  beforeAll(async () => {
    home = await startSimulation()
  })
  afterAll(() => home.end())

  test('refuses what it does not understand, in a sentence', async () => {
    const refused = async (path: string, body: object) => {
      const response = await home.post(path, body)
      return [response.status, await response.json()]
    }
    const notUnderstood = (field: string) => [
      400,
      { problem: 'not-understood', sentence: `This is not understood: ${field}.` },
    ]
    expect(await refused('allow', { name: ' ', language: 'en' })).toEqual(notUnderstood('name'))
    expect(await refused('network', { up: 'yes' })).toEqual(notUnderstood('up'))
    expect(await refused('bell', { loud: true })).toEqual(notUnderstood('the request'))
    expect(await refused('deny', {})).toEqual([
      409,
      { problem: 'nobody-there', sentence: 'Nobody is at the door.' },
    ])
  })

  test('says in a sentence that a data folder cannot be made', () => {
    const { status, stderr } = spawnSync(process.execPath, [program, '--data', '/proc/nowhere'], {
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    expect(stderr).toMatch(/^The data folder cannot be made \(ENOENT.*parent exists.*\n$/)
    expect(status).toBe(1)
  })

  test('obeys its own page only', async () => {
    const headers = { 'content-type': 'application/json', origin: 'http://elsewhere.example' }
    const url = `${home.url}/api/unlock`
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(403)
    expect((await home.state()).door.lock).toBe('closed')
  })

  test('reaches the door: bell, exit button, leaf', async () => {
    await home.post('bell')
    await home.post('exit-button')
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    await home.post('contact', { open: true })
    await home.post('contact', { open: false })
    await expect
      .poll(() => happened(home))
      .toEqual(
        expect.arrayContaining([
          'The bell rang.',
          'The exit button opened the lock for 5 s.',
          'The leaf was opened.',
        ]),
      )
    expect((await home.state()).door.visit).toEqual({ number: 1 })
  })
})

/** Where the daemon's config file is, as its command line tells. */
const dataFolderOf = (daemon: number): string =>
  readFileSync(`/proc/${daemon}/cmdline`, 'utf8').match(/([^\0]+)\/config\.json/)?.[1] ?? ''

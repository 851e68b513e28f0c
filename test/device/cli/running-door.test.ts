/** `smart-door run`: the daemon as a process of its own, with a real database. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { testProof } from '../../support/effort.ts'

describe('a running door', () => {
  let door: RunningDoor
  beforeAll(async () => {
    door = await runDoor()
    await vi.waitFor(() => expect(door.home.linkUp()).toBe(true), 60_000)
  })
  afterAll(() => door.close())

  const text = () => door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })

  it('accepts a texted code once, opens and closes the lock, and reports to the cloud', async () => {
    const { code } = await text()
    expect(await door.enter(code)).toMatchObject({ outcome: 'accepted', visitorName: 'Ada' })
    expect(door.home.lockState()).toBe('open')
    expect(await door.enter(code)).toEqual({ outcome: 'denied', pausedForMs: 0 })
    await expect.poll(() => door.home.lockState()).toBe('closed')
    const reported = () => door.home.cloud.messages.map(({ type }) => type)
    await expect.poll(reported).toEqual(expect.arrayContaining(['entry-accepted', 'lock-closed']))
  })

  it('accepts it while the network is down, and reports to the cloud later', async () => {
    const { code, grantId } = await text()
    door.home.network(false)
    await expect.poll(() => door.home.linkUp()).toBe(false)
    expect(await door.enter(code)).toMatchObject({ outcome: 'accepted' })
    door.home.network(true)
    await expect
      .poll(() =>
        door.home.cloud.messages.filter(
          (m) => m.type === 'entry-accepted' && m.grantId === grantId,
        ),
      )
      .toHaveLength(1)
  })

  it('remembers after a power cut which codes were used and how many were wrong', async () => {
    const { code } = await text()
    await door.enter(code)
    await door.enter('000000')
    expect(await door.end('SIGKILL')).toBe('SIGKILL')
    expect(door.home.lockState()).toBe('closed')
    await door.start()
    expect(await door.enter(code)).toMatchObject({ outcome: 'denied' })
    const explained = (visit: string) => smartDoor('explain', visit, '--config', door.configPath)
    const entered = 'Ada typed a valid code. The lock opened for 5 s.'
    expect((await explained('1')).stdout).toContain(entered)
    const refused = 'The code of Ada was refused: it had been used before. Wrong codes in a row: 2'
    expect((await explained('2')).stdout).toContain(refused)
  })

  it('stops on SIGTERM: lock closed, log intact, exit code 0', async () => {
    const { code } = await text()
    await door.enter(code)
    expect(await door.end('SIGTERM')).toBe(0)
    expect(door.home.lockState()).toBe('closed')
    const { stdout } = await smartDoor('verify-log', '--config', door.configPath)
    expect(stdout).toMatch(/^The log is intact: \d+ rows\.\n/)
    await door.start()
  })

  testProof('stops at once on a second signal, even while a request hangs', async () => {
    const hanging = fetch(`${door.url()}/api/events`)
    await hanging
    process.kill(door.pid(), 'SIGSTOP')
    process.kill(door.pid(), 'SIGTERM')
    process.kill(door.pid(), 'SIGINT')
    // Both are pending when it continues, so the second arrives before the first is handled.
    expect(await door.end('SIGCONT')).toBe(1)
    await door.start()
  })

  it('writes no code, key or name of a person to its output', () => {
    expect(door.output.length).toBeGreaterThan(5)
    const everything = door.output.join('\n')
    expect(everything).not.toContain('Ada')
    expect(everything).not.toContain(door.doorKey.toString('hex'))
    for (const { code } of door.home.cloud.texts) expect(everything).not.toContain(code)
  })

  it('has no code and no key in any file of its data folder, nor in a response', async () => {
    const { code } = await text()
    const answers = [await door.enter(code), await door.enter(code)]
    const files = readdirSync(join(door.folder, 'data')).map((name) =>
      readFileSync(join(door.folder, 'data', name)),
    )
    expect(files.some((file) => file.includes('Ada'))).toBe(true)
    for (const file of files) {
      expect(file.includes(door.doorKey)).toBe(false)
      expect(file.includes(door.doorKey.toString('hex'))).toBe(false)
      for (const sent of door.home.cloud.texts) expect(file.includes(sent.code)).toBe(false)
    }
    expect(JSON.stringify(answers)).not.toContain(code)
    for (const path of ['/api/state', '/metrics', '/healthz']) {
      expect(await (await fetch(door.url() + path)).text()).not.toContain(code)
    }
  })
})

describe('the lock mode', () => {
  let door: RunningDoor
  afterEach(() => door.close())

  testProof('locked refuses a good code, and the keypad shows it', async () => {
    door = await runDoor()
    await vi.waitFor(() => expect(door.home.linkUp()).toBe(true), 60_000)
    const { code } = await door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })
    await door.end('SIGTERM')
    const config = JSON.parse(readFileSync(door.configPath, 'utf8'))
    writeFileSync(door.configPath, JSON.stringify({ ...config, lock: { mode: 'locked' } }))
    await door.start()
    expect(await door.enter(code)).toEqual({ outcome: 'paused', pausedForMs: 0 })
    expect(door.home.lockState()).toBe('closed')
    const state = await (await fetch(`${door.url()}/api/state`)).json()
    expect(state).toMatchObject({ keypad: 'shut', lock: 'locked' })
  })

  testProof(
    'passage holds the lock open; it closes when the daemon dies and opens with the next start',
    async () => {
      door = await runDoor({
        config: { lock: { mode: 'passage' }, gpio: { relay: { lockType: 'maglock' } } },
      })
      await expect.poll(() => door.home.lockState()).toBe('open')
      await door.end('SIGKILL')
      await expect.poll(() => door.home.lockState()).toBe('closed')
      await door.start()
      await expect.poll(() => door.home.lockState()).toBe('open')
      expect(await door.end('SIGTERM')).toBe(0)
      expect(door.home.lockState()).toBe('closed')
      const { stdout } = await smartDoor('explain', '#2', '--config', door.configPath)
      expect(stdout).toContain('The door reported: unlocked')
    },
  )
})

describe('a daemon that cannot start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('reports all mistakes of its config at once, and starts nothing', async () => {
    const path = join(folder, 'config.json')
    writeFileSync(
      path,
      JSON.stringify({
        doorId: 'a door',
        doorName: 'Door',
        dataDir: join(folder, 'data'),
        hardware: 'magic',
        link: 'none',
        clock: 'sun',
        keypad: { port: 70_000, colour: 'red' },
        lock: { unlockHoldMs: 'long' },
      }),
    )
    const { code, stderr, stdout } = await smartDoor('run', '--config', path)
    expect([code, stdout]).toEqual([78, ''])
    for (const part of [
      'doorId',
      'hardware',
      'clock',
      'keypad.port',
      'keypad.colour',
      'lock.unlockHoldMs',
    ]) {
      expect(stderr).toContain(`  - ${part}`)
    }
    expect(readdirSync(folder)).toEqual(['config.json'])
  })

  it('says why the config file cannot be read', async () => {
    const missing = await smartDoor('run', '--config', join(folder, 'none.json'))
    expect([missing.code, missing.stderr]).toEqual([
      78,
      expect.stringContaining('cannot be read (ENOENT). "smart-door config example" prints one'),
    ])
    writeFileSync(join(folder, 'bad.json'), '{')
    const bad = await smartDoor('run', '--config', join(folder, 'bad.json'))
    expect([bad.code, bad.stderr]).toEqual([78, expect.stringContaining('not valid JSON')])
  })
})

test('stops with --until-stdin-ends when its parent is gone', async () => {
  const door = await runDoor({ startNow: false })
  try {
    const program = fileURLToPath(new URL('../../../device/cli/smart-door.ts', import.meta.url))
    const args = [program, 'run', '--until-stdin-ends', '--config', door.configPath]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    await expect.poll(() => door.home.daemonConnected()).toBe(true)
    child.stdin.end()
    expect(await ended).toEqual([0, null])
  } finally {
    await door.close()
  }
})

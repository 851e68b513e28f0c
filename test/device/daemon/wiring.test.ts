/** The whole daemon with pins: a code typed at its keypad moves a relay through onoff. */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { codeAnswerSchema } from '../../../protocol/keypad-api.ts'
import { type PlayedHome, startPlayedHome } from '../../support/door/played/played-home.ts'
import { type FakeGpio, fakeGpio } from '../../support/hardware/fake-gpio.ts'

const program = join(import.meta.dirname, '../../../device/cli/smart-door.ts')
const guardScript = join(import.meta.dirname, '../../../device/gpio/guard.sh')
const base = 512
const line = { relay: base + 17, contact: base + 22, exit: base + 23, led: base + 24 }

let folder: string
let home: PlayedHome
let gpio: FakeGpio
let door: ChildProcess
let url = ''
const output: string[] = []

const lineSchema = z.object({ msg: z.string(), url: z.optional(z.string()) })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smart-door-pins-'))
  const doorKey = new Uint8Array(32).fill(7)
  home = await startPlayedHome({ doorId: 'test-door', doorKey })
  gpio = await fakeGpio({ label: 'pinctrl-bcm2711', base, lines: 58 })
  writeFileSync(join(folder, 'door-key'), Buffer.from(doorKey).toString('hex'), { mode: 0o600 })
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      doorId: 'test-door',
      doorName: 'Test door',
      dataDir: join(folder, 'data'),
      doorKeyFile: join(folder, 'door-key'),
      hardware: 'gpio',
      link: 'simulated',
      clock: 'host',
      simulator: { hardwarePort: 1, linkPort: home.linkPort },
      keypad: { port: 0 },
      // Longer than anybody here waits for it to lock.
      lock: { unlockHoldMs: 20_000 },
      gpio: {
        // The coil stays warm over a restart, and must not need a rest here.
        relay: { activeLow: true, maxOnMs: 120_000 },
        doorContact: { bcm: 22 },
        exitButton: { bcm: 23 },
        led: { bcm: 24 },
      },
    }),
  )
  await start()
})
afterAll(async () => {
  await end('SIGKILL')
  await gpio.close()
  await home.close()
  rmSync(folder, { recursive: true })
})

async function start(): Promise<void> {
  url = ''
  const config = join(folder, 'config.json')
  const command = [process.execPath, program, 'run', '--config', config]
  door = gpio.run('env', [`RUNTIME_DIRECTORY=${folder}`, ...command])
  if (!door.stdout) throw new Error('no output')
  createInterface(door.stdout).on('line', (text) => {
    output.push(text)
    const { success, data } = z.safeParse(lineSchema, JSON.parse(text))
    if (success && data.msg === 'keypad ready') url = data.url ?? ''
  })
  await vi.waitFor(() => expect(url).not.toBe(''), 60_000)
  await vi.waitFor(() => expect(home.linkUp()).toBe(true), 60_000)
}

async function end(signal: NodeJS.Signals): Promise<unknown> {
  if (door.exitCode !== null || door.signalCode !== null) return null
  door.kill(signal)
  const [code] = await once(door, 'exit')
  return code
}

async function enter(code: string) {
  const response = await fetch(`${url}/api/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  return codeAnswerSchema.parse(await response.json())
}

const relayIsOn = () => gpio.read(line.relay, 'value') === '1'
const told = () => home.cloud.messages.map(({ type }) => type)

describe('a daemon with pins', () => {
  test('says what it found, and keeps the relay off', () => {
    expect(output.join('\n')).toContain('onoff, pinctrl-bcm2711, line 512 and following')
    expect(relayIsOn()).toBe(false)
    expect(gpio.read(line.relay, 'direction')).toBe('high')
  })

  test('opens for a good code and shows it, and locks again once the door has opened', async () => {
    const { code } = await home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })
    expect(await enter(code)).toMatchObject({ outcome: 'accepted', unlockedForMs: 20_000 })
    await expect.poll(relayIsOn).toBe(true)
    await expect.poll(() => gpio.read(line.led, 'value')).toBe('1')
    gpio.drive(line.contact, 1)
    await expect.poll(relayIsOn).toBe(false)
    await expect.poll(() => gpio.read(line.led, 'value')).toBe('0')
    await expect.poll(told).toEqual(expect.arrayContaining(['door-opened', 'lock-closed']))
    gpio.drive(line.contact, 0)
    await expect.poll(told).toContain('door-closed')
  })

  test('lets people out', async () => {
    // Whether a busy daemon has seen a level nobody can tell, so it is pressed until it is heard.
    await expect
      .poll(async () => {
        gpio.drive(line.exit, 1)
        await new Promise((settled) => setTimeout(settled, 150))
        gpio.drive(line.exit, 0)
        return relayIsOn()
      })
      .toBe(true)
    await expect.poll(told).toContain('exit-used')
  })

  test('starts locked after it was killed while open, and resumes nothing', async () => {
    const { code } = await home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })
    await enter(code)
    await expect.poll(relayIsOn).toBe(true)
    await end('SIGKILL')
    await expect.poll(relayIsOn).toBe(false)
    await start()
    expect(relayIsOn()).toBe(false)
    expect(await enter(code)).toMatchObject({ outcome: 'denied' })
  })

  test('leaves a note with which the relay is switched off when nothing else is left', async () => {
    const words = readFileSync(join(folder, 'relay'), 'utf8').trim().split(' ')
    expect(words).toEqual(['sysfs', `/sys/class/gpio/gpio${line.relay}/value`])
    expect(await end('SIGTERM')).toBe(0)
    gpio.drive(line.relay, 1)
    const relock = gpio.run('bash', [guardScript, ...words])
    relock.stdin?.end()
    await once(relock, 'exit')
    expect(relayIsOn()).toBe(false)
  })
})

test('a daemon without pins says why, for each way it tried', () => {
  const config = join(folder, 'config.json')
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [program, 'run', '--config', config],
    {
      encoding: 'utf8',
      env: { PATH: '/nowhere' },
    },
  )
  expect(status).toBe(1)
  expect(stdout + stderr).toMatch(
    /No pins can be driven here\. .*sysfs|sys\/class\/gpio has no chip/,
  )
  expect(stdout + stderr).toContain('gpiod is not installed')
  expect(existsSync(join(folder, 'data'))).toBe(true)
})

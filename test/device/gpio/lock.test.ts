/** The relay through the real onoff, in a process of its own, on files that stand in for the kernel's. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { type LockBench, lockContract, openFor } from '../../contracts/device/lock.ts'
import { isProof, testProof } from '../../support/effort.ts'
import { type FakeGpio, type FakeGpioOptions, fakeGpio } from '../../support/hardware/fake-gpio.ts'
import type { GpioSetup } from '../../support/hardware/gpio-process.ts'

interface Bench extends LockBench {
  readonly gpio: FakeGpio
  readonly door: ChildProcess
  /** The process's output. */
  readonly said: readonly Record<string, unknown>[]
  readings(): readonly unknown[]
}

const script = join(import.meta.dirname, '../../support/hardware/gpio-process.ts')
const strike: GpioSetup = { activeLow: false, lockType: 'strike', pulseMs: 700, maxOnMs: 120_000 }
/** BCM 17 on the stand-in's chip with base 571. */
const relayLine = 588

interface BenchOptions extends FakeGpioOptions {
  /** The PATH of the process. */
  readonly path?: string
}

async function bench(
  setup: Partial<GpioSetup> = {},
  { path = process.env['PATH'], ...options }: BenchOptions = {},
): Promise<Bench> {
  const gpio = await fakeGpio(options)
  const words = [process.execPath, script, JSON.stringify({ ...strike, ...setup })]
  const door = gpio.run('env', [`PATH=${path}`, ...words])
  const said: Record<string, unknown>[] = []
  const { stdin, stdout } = door
  if (!stdin || !stdout) throw new Error('no pipes')
  createInterface(stdout).on('line', (line) => {
    said.push(z.parse(z.record(z.string(), z.unknown()), JSON.parse(line)))
  })
  await expect.poll(() => said.some(({ reachable }) => reachable === true)).toBe(true)

  const watcher = watchLevel(gpio)
  return {
    gpio,
    door,
    said,
    readings: () => said.flatMap(({ reading }) => (reading ? [reading] : [])),
    lock: {
      open: (holdMs) => void stdin.write(`${JSON.stringify({ open: holdMs })}\n`),
      close: () => void stdin.write('{"close":true}\n'),
      reachable: () => true,
    },
    state: () => levelOf(gpio),
    movements: () => watcher.movements,
    processDies: () => void door.kill('SIGKILL'),
    async end() {
      watcher.stop()
      door.kill('SIGKILL')
      if (door.exitCode === null && door.signalCode === null) await once(door, 'exit')
      await gpio.close()
    },
  }
}

const levelOf = (gpio: FakeGpio) => (gpio.read(relayLine, 'value') === '1' ? 'open' : 'closed')

function watchLevel(gpio: FakeGpio) {
  const movements: { atMs: number; state: 'open' | 'closed' }[] = []
  let last = levelOf(gpio)
  const look = () => {
    const state = levelOf(gpio)
    if (state !== last) movements.push({ atMs: gpio.writtenAtMs(relayLine), state })
    last = state
  }
  const timer = setInterval(look, 2)
  return { movements, stop: () => clearInterval(timer) }
}

const childrenOf = ({ pid }: ChildProcess): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

lockContract('gpioLock', () => bench())
// The kernel inverts the level. Below is a test that it is asked to.
if (isProof) lockContract('gpioLock, active low', () => bench({ activeLow: true }))

describe('gpioLock', () => {
  let current: Bench | null = null
  const start = async (...args: Parameters<typeof bench>) => {
    current = await bench(...args)
    return current
  }
  afterEach(async () => {
    await current?.end()
    current = null
  })
  const states = ({ movements }: Bench) => movements().map(({ state }) => state)

  test.each([
    [false, 'low', '0'],
    [true, 'high', '1'],
  ])(
    'finds its pin by the label of the chip, and starts switched off, without a click (active low: %s)',
    async (activeLow, level, inverted) => {
      const { gpio, said } = await start({ activeLow })
      expect(gpio.exported(relayLine)).toBe(true)
      expect(gpio.exported(17)).toBe(false)
      expect(said).toContainEqual({
        note: 'relay',
        words: ['sysfs', '/sys/class/gpio/gpio588/value'],
      })
      expect(gpio.read(relayLine, 'direction')).toBe(level)
      expect(gpio.read(relayLine, 'active_low')).toBe(inverted)
      expect(gpio.read(relayLine, 'value')).toBe('0')
    },
  )

  test('closes in time when the process hangs', async () => {
    const opened = await start()
    opened.lock.open(600)
    await expect.poll(opened.state).toBe('open')
    opened.door.kill('SIGSTOP')
    await expect.poll(() => states(opened)).toEqual(['open', 'closed'])
    expect(openFor(opened.movements())).toBeLessThan(600 + 5_000)
  })

  test('closes when its guard is killed, and opens again with a new guard', async () => {
    const { lock, door, said, state } = await start()
    lock.open(60_000)
    await expect.poll(state).toBe('open')
    for (const pid of childrenOf(door)) process.kill(pid, 'SIGKILL')
    await expect.poll(state).toBe('closed')
    const ended = expect.objectContaining({ level: 'error', pin: 'relay' })
    await expect.poll(() => said).toContainEqual(ended)
    await expect
      .poll(() => {
        lock.open(60_000)
        return state()
      })
      .toBe('open')
  })

  testProof('stays open when its guard starts slowly', async () => {
    const slow = mkdtempSync(join(tmpdir(), 'slow-bash-'))
    const lines = ['#!/bin/sh', 'sleep 0.3', 'exec /bin/bash "$@"', '']
    writeFileSync(join(slow, 'bash'), lines.join('\n'), { mode: 0o755 })
    const opened = await start({}, { path: `${slow}:${process.env['PATH']}` })
    opened.lock.open(1_500)
    await expect.poll(() => states(opened)).toEqual(['open', 'closed'])
    expect(openFor(opened.movements())).toBeGreaterThanOrEqual(1_499)
    rmSync(slow, { recursive: true })
  })

  test('limits how long the coil is on, however often it is opened', async () => {
    const opened = await start({ maxOnMs: 1_500 })
    for (const afterMs of [0, 500, 1_000]) {
      setTimeout(() => opened.lock.open(60_000), afterMs)
    }
    await expect.poll(() => states(opened)).toEqual(['open', 'closed'])
    // If the last one restarted the limit, it would be a second longer.
    expect(openFor(opened.movements())).toBeLessThan(2_400)
  })

  test('of a motor lock is on for a pulse only', async () => {
    const opened = await start({ lockType: 'motor' })
    opened.lock.open(20_000)
    await expect.poll(() => states(opened)).toEqual(['open', 'closed'])
  })

  test('retries until the permissions are set', async () => {
    const { said, state, lock } = await start({}, { refuseFirst: 1 })
    expect(said).toContainEqual(expect.objectContaining({ level: 'warn', pin: 'relay' }))
    lock.open(60_000)
    await expect.poll(state).toBe('open')
  })

  test('closes when the process stops in order', async () => {
    const { door, lock, state } = await start()
    lock.open(60_000)
    await expect.poll(state).toBe('open')
    door.stdin?.end()
    const [code] = await once(door, 'exit')
    expect([code, state()]).toEqual([0, 'closed'])
  })

  test('ignores a bouncing contact, and a button that is down at the start', async () => {
    const { gpio, readings } = await start()
    await expect.poll(readings).toEqual([{ kind: 'contact', open: false }])
    gpio.drive(593, 1)
    await expect.poll(readings).toHaveLength(2)
    expect(readings()[1]).toEqual({ kind: 'contact', open: true })
    // The stand-in's lines start low, which is "pressed": that does not count. A busy process may
    // miss a press, so the button is pressed until it is reported.
    await expect
      .poll(async () => {
        gpio.drive(594, 1)
        await new Promise((settled) => setTimeout(settled, 100))
        gpio.drive(594, 0)
        return readings().length
      })
      .toBeGreaterThan(2)
    expect(readings()[2]).toEqual({ kind: 'exit-pressed' })
  })
})

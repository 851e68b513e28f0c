/** Pins through gpioset and gpiomon of both versions, with scripts in place of the programs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DoorSensors, Lock, SensorReading } from '../../../device/daemon/ports.ts'
import { gpiodPins } from '../../../device/gpio/drivers/gpiod.ts'
import { gpioLock } from '../../../device/gpio/lock.ts'
import {
  type GpioPins,
  headerLabels,
  type InputLine,
  type OutputLine,
} from '../../../device/gpio/pins.ts'
import { gpioSensors } from '../../../device/gpio/sensors.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { isProof } from '../../support/effort.ts'
import { manualClock } from '../../support/manual-clock.ts'

const clock = systemClock({ source: 'host' })
const path = process.env['PATH']
const rules = { lockType: 'strike', pulseMs: 1_000, maxOnMs: 30_000 } as const
let folder: string
let faults: string[]

beforeEach(() => {
  faults = []
  folder = mkdtempSync(join(tmpdir(), 'gpiod-'))
  const script = join(import.meta.dirname, '../../support/hardware/fake-gpiod.sh')
  for (const name of ['gpiodetect', 'gpioget', 'gpiomon', 'gpioset']) {
    symlinkSync(script, join(folder, name))
  }
  process.env['PATH'] = `${folder}:${path}`
})
afterEach(() => {
  process.env['PATH'] = path
  rmSync(folder, { recursive: true })
})

const log = {
  info() {},
  warn: (_data: object, text: string) => void faults.push(text),
  error: (_data: object, text: string) => void faults.push(text),
}
const notes: string[] = []
const find = (labels = headerLabels) =>
  gpiodPins({ clock, log, labels, noteOutput: (_, words) => void notes.push(words.join(' ')) })

async function pinsOf(version: 1 | 2): Promise<GpioPins> {
  writeFileSync(join(folder, 'version'), String(version))
  const pins = await find()
  if (typeof pins === 'string') throw new Error(pins)
  return pins
}

/** Of the stand-in that has the relay's line. */
const gpiosetPid = () => Number(readFileSync(join(folder, '17.gpio-line'), 'utf8'))
const voltage = (line: number) => readFileSync(join(folder, `${line}.level`), 'utf8').trim()

/** The tools' stand-in is a script, which a busy machine runs too slowly for the guard now and then. */
const opened = (lock: Lock, holdMs: number) => vi.waitFor(() => lock.open(holdMs), 30_000)

describe.each(isProof ? ([1, 2] as const) : ([2] as const))('gpiod %i', (version) => {
  let relay: OutputLine | null = null
  let sensors: DoorSensors | null = null
  afterEach(async () => {
    sensors?.stop()
    await relay?.close()
    relay = null
    sensors = null
  })

  test('is found, with the chip of the right label', async () => {
    const { description } = await pinsOf(version)
    expect(description).toBe(`gpiod ${version}, pinctrl-rp1 (gpiochip4)`)
    expect(await find(['another-chip'])).toBe('gpiodetect shows no chip named another-chip.')
  })

  test.each([
    [false, '0', '1'],
    [true, '1', '0'],
  ])('switches a relay on for a limited time (active low: %s)', async (activeLow, off, on) => {
    const pins = await pinsOf(version)
    relay = pins.output({ bcm: 17, activeLow, guarded: true }, 'relay')
    const lock = gpioLock(relay, rules, clock)
    await expect.poll(() => lock.reachable()).toBe(true)
    expect(lock.coilMaxOnMs).toBe(30_000)
    expect(voltage(17)).toBe(off)
    expect(notes.at(-1)).toBe(`gpiod${version} gpiochip4 17 ${activeLow ? 'low' : 'high'}`)
    await opened(lock, 1_000)
    expect(voltage(17)).toBe(on)
    await expect.poll(() => voltage(17)).toBe(off)
    await opened(lock, 20_000)
    expect(voltage(17)).toBe(on)
    await relay.close()
    expect(voltage(17)).toBe(off)
    expect(lock.reachable()).toBe(false)
    expect(faults).toEqual([])
  })

  test('does not release a relay that stays on for longer', async () => {
    const pins = await pinsOf(version)
    const held = pins.output({ bcm: 17, activeLow: false, guarded: true }, 'relay')
    relay = held
    await expect.poll(() => held.ready()).toBe(true)
    await held.on(20_000)
    expect(voltage(17)).toBe('1')
    await held.on(20_000)
    await held.on(500)
    await expect.poll(() => voltage(17)).toBe('0')
    const orders = readFileSync(join(folder, '17.orders'), 'utf8').trim().split('\n')
    expect(orders).toEqual(['0', '1', '0'])
  })

  test('reports a relay whose line another program has, and takes it once it is free', async () => {
    const pins = await pinsOf(version)
    relay = pins.output({ bcm: 17, activeLow: false, guarded: true }, 'relay')
    const lock = gpioLock(relay, rules, clock)
    await expect.poll(() => lock.reachable()).toBe(true)
    writeFileSync(join(folder, '17.busy'), '')
    await expect(lock.open(1_000)).rejects.toThrow('could not switch')
    expect(lock.reachable()).toBe(false)
    rmSync(join(folder, '17.busy'))
    await expect.poll(() => lock.reachable(), { timeout: 5_000 }).toBe(true)
    expect(voltage(17)).toBe('0')
    await opened(lock, 1_000)
    expect(voltage(17)).toBe('1')
  })

  test('notices within seconds that gpioset ended, and says so', async () => {
    const pins = await pinsOf(version)
    relay = pins.output({ bcm: 17, activeLow: false, guarded: true }, 'relay')
    const lock = gpioLock(relay, rules, clock)
    await expect.poll(() => lock.reachable()).toBe(true)
    writeFileSync(join(folder, '17.busy'), '')
    process.kill(gpiosetPid())
    await expect.poll(() => lock.reachable(), { timeout: 5_000 }).toBe(false)
    expect(faults).toEqual(['a pin lost its GPIO line, taking it again'])
    rmSync(join(folder, '17.busy'))
    await expect.poll(() => lock.reachable(), { timeout: 5_000 }).toBe(true)
    await opened(lock, 1_000)
  })

  test('leaves no gpioset behind when the guard is killed, and starts another guard', async () => {
    const pins = await pinsOf(version)
    const held = pins.output({ bcm: 17, activeLow: false, guarded: true }, 'relay')
    relay = held
    await expect.poll(() => held.ready()).toBe(true)
    await held.on(20_000)
    const orphan = gpiosetPid()
    const [, guard] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${orphan}/status`, 'utf8')) ?? []
    process.kill(Number(guard), 'SIGKILL')
    await expect.poll(() => existsSync(`/proc/${orphan}`)).toBe(false)
    await expect.poll(() => held.ready(), { timeout: 5_000 }).toBe(true)
    expect(voltage(17)).toBe('0')
  })

  test('reads a contact with a pull-up resistor', async () => {
    writeFileSync(join(folder, '22.level'), '1')
    const pins = await pinsOf(version)
    const line = pins.input({ bcm: 22, pull: 'up', debounceMs: 20 }, 'door contact')
    const readings: SensorReading[] = []
    sensors = gpioSensors({
      contact: { line, invert: false },
      bondSense: null,
      exitButton: null,
      bell: null,
    })
    sensors.start((reading) => readings.push(reading))
    await expect.poll(() => readings).toEqual([{ kind: 'contact', open: true }])
    // gpiomon may not have started yet, so the level changes until it sees it.
    await expect
      .poll(
        () => {
          const level = voltage(22) === '1' ? '0' : '1'
          if (readings.length === 1) writeFileSync(join(folder, '22.level'), level)
          return readings
        },
        { interval: 300 },
      )
      .toContainEqual({ kind: 'contact', open: false })
    expect(faults).toEqual([])
  })
})

describe('a level that changes while gpiomon does not have the line', () => {
  let line: InputLine | null = null
  afterEach(() => line?.stop())

  test('is read again soon after the start', async () => {
    writeFileSync(join(folder, '22.level'), '1')
    writeFileSync(join(folder, '22.deaf'), '')
    const pins = await pinsOf(2)
    line = pins.input({ bcm: 22, pull: 'up', debounceMs: 20 }, 'door contact')
    const levels: boolean[] = []
    line.start((high) => levels.push(high))
    await expect.poll(() => levels).toEqual([true])
    writeFileSync(join(folder, '22.level'), '0')
    await expect.poll(() => levels, { timeout: 5_000 }).toEqual([true, false])
    expect(faults).toEqual([])
  })

  test('is read again now and then', async () => {
    writeFileSync(join(folder, '22.level'), '1')
    const manual = manualClock()
    writeFileSync(join(folder, 'version'), '2')
    const pins = await gpiodPins({ clock: manual, log, labels: headerLabels, noteOutput() {} })
    if (typeof pins === 'string') throw new Error(pins)
    line = pins.input({ bcm: 22, pull: 'up', debounceMs: 0 }, 'door contact')
    const levels: boolean[] = []
    line.start((high) => levels.push(high))
    const monitor = () => readFileSync(join(folder, '22.monitor'), 'utf8')
    const restarted = async (afterMs: number) => {
      const before = monitor()
      manual.advance(afterMs)
      await expect.poll(monitor, { timeout: 5_000 }).not.toBe(before)
    }
    await expect.poll(() => existsSync(join(folder, '22.monitor'))).toBe(true)
    await restarted(1_000)
    writeFileSync(join(folder, '22.deaf'), '')
    writeFileSync(join(folder, '22.level'), '0')
    await restarted(30_000)
    manual.advance(1)
    await expect.poll(() => levels.at(-1)).toBe(false)
    expect(faults).toEqual([])
  })
})

test('reports that gpiod is missing', async () => {
  process.env['PATH'] = '/missing'
  expect(await find()).toBe('gpiod is not installed.')
})

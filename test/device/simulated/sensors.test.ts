import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SensorReading } from '../../../device/daemon/ports.ts'
import { connectHardware, type HardwareLine } from '../../../device/simulated/messages.ts'
import { simulatedSensors } from '../../../device/simulated/sensors.ts'
import { type SimulatedHome, startSimulatedHome } from '../../support/door/played-home.ts'

let home: SimulatedHome
let line: HardwareLine

beforeEach(async () => {
  home = await startSimulatedHome({ doorId: 'test-door', doorKey: new Uint8Array(32) })
  line = connectHardware({ port: home.hardwarePort })
})
afterEach(async () => {
  await line.close()
  await home.close()
})

function sense(): { readings: SensorReading[]; stop: () => void } {
  const readings: SensorReading[] = []
  const sensors = simulatedSensors(line)
  sensors.start((reading) => readings.push(reading))
  return { readings, stop: sensors.stop }
}

test('tells at first how the door leaf stands, then what happens, and nothing of the camera', async () => {
  const { readings } = sense()
  await expect.poll(() => readings).toEqual([{ kind: 'contact', open: false }])
  home.arrive()
  home.bell()
  home.contact(true)
  home.exit()
  home.contact(false)
  await expect
    .poll(() => readings)
    .toEqual([
      { kind: 'contact', open: false },
      { kind: 'bell-pressed' },
      { kind: 'contact', open: true },
      { kind: 'exit-pressed' },
      { kind: 'contact', open: false },
    ])
})

test('tells how the leaf stands even when started long after the line came up', async () => {
  const early = sense()
  home.contact(true)
  await expect.poll(() => early.readings.at(-1)).toEqual({ kind: 'contact', open: true })
  expect(sense().readings).toEqual([{ kind: 'contact', open: true }])
})

test('is silent once stopped', async () => {
  const stopped = sense()
  const other = sense()
  await expect.poll(() => other.readings.length).toBe(1)
  stopped.stop()
  home.bell()
  await expect.poll(() => other.readings.length).toBe(2)
  expect(stopped.readings).toEqual([{ kind: 'contact', open: false }])
})

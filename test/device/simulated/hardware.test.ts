import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SensorReading } from '../../../device/daemon/ports.ts'
import {
  connectHardware,
  type HardwareConnection,
  LockUnreachable,
  simulatedCamera,
  simulatedLock,
  simulatedSensors,
} from '../../../device/simulated/hardware.ts'
import { lockContract } from '../../contracts/device/lock.ts'
import { type PlayedHome, startPlayedHome } from '../../support/door/played/played-home.ts'

const startHome = (hardwarePort = 0) =>
  startPlayedHome({ doorId: 'test-door', doorKey: new Uint8Array(32), hardwarePort })

lockContract('simulatedLock', async () => {
  const home = await startHome()
  const hardware = connectHardware({ port: home.hardwarePort })
  await expect.poll(() => home.daemonConnected()).toBe(true)
  return {
    lock: simulatedLock(hardware),
    state: home.lockState,
    movements: () => home.lockTimeline,
    processDies: () => void hardware.close(),
    async end() {
      await hardware.close()
      await home.close()
    },
  }
})

describe('simulated hardware', () => {
  let home: PlayedHome
  let hardware: HardwareConnection

  beforeEach(async () => {
    home = await startHome()
    hardware = connectHardware({ port: home.hardwarePort })
  })
  afterEach(async () => {
    await hardware.close()
    await home.close()
  })

  function startSensors() {
    const readings: SensorReading[] = []
    const sensors = simulatedSensors(hardware)
    sensors.start((reading) => readings.push(reading))
    return { readings, stop: sensors.stop }
  }

  function startCamera() {
    const motion: boolean[] = []
    const camera = simulatedCamera(hardware)
    camera.start({ moving: (moving) => motion.push(moving), picture() {}, trouble() {} })
    return { motion, stop: camera.stop }
  }

  test('an unreachable lock refuses to open, accepts to close, and does not open later', async () => {
    const { hardwarePort } = home
    await expect.poll(() => home.daemonConnected()).toBe(true)
    await home.close()
    const lock = simulatedLock(hardware)
    await expect.poll(() => lock.reachable()).toBe(false)
    expect(() => lock.open(1_000)).toThrow(LockUnreachable)
    expect(() => lock.close()).not.toThrow()

    home = await startHome(hardwarePort)
    await expect.poll(() => home.daemonConnected()).toBe(true)
    lock.close()
    lock.open(20)
    await expect.poll(() => home.lockTimeline.length).toBe(2)
  })

  test('the sensors report the contact first, then every event but those of the camera', async () => {
    const { readings } = startSensors()
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

  test('sensors that start late know the contact', async () => {
    const early = startSensors()
    home.contact(true)
    await expect.poll(() => early.readings.at(-1)).toEqual({ kind: 'contact', open: true })
    expect(startSensors().readings).toEqual([{ kind: 'contact', open: true }])
  })

  test('stopped sensors report nothing', async () => {
    const [stopped, running] = [startSensors(), startSensors()]
    await expect.poll(() => running.readings.length).toBe(1)
    stopped.stop()
    home.bell()
    await expect.poll(() => running.readings.length).toBe(2)
    expect(stopped.readings).toEqual([{ kind: 'contact', open: false }])
  })

  test('the camera sees a visitor who was there before it, and nothing of bell or contact', async () => {
    home.arrive()
    const { motion } = startCamera()
    await expect.poll(() => motion.at(-1)).toBe(true)
    const before = motion.length
    home.bell()
    home.contact(true)
    home.leave()
    await expect.poll(() => motion.slice(before)).toEqual([false])
  })

  test('a stopped camera reports nothing', async () => {
    const [stopped, running] = [startCamera(), startCamera()]
    await expect.poll(() => running.motion).toEqual([false])
    await stopped.stop()
    home.arrive()
    await expect.poll(() => running.motion).toEqual([false, true])
    expect(stopped.motion).toEqual([false])
  })
})

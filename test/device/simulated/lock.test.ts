import { afterEach, describe, expect, test } from 'vitest'
import { LockUnreachable, simulatedLock } from '../../../device/simulated/lock.ts'
import { connectHardware, type HardwareLine } from '../../../device/simulated/messages.ts'
import { lockContract } from '../../contracts/device/lock.ts'
import { type SimulatedHome, startSimulatedHome } from '../../support/door/played-home.ts'

async function connectedHome(): Promise<{ home: SimulatedHome; line: HardwareLine }> {
  const home = await startSimulatedHome({ doorId: 'test-door', doorKey: new Uint8Array(32) })
  const line = connectHardware({ port: home.hardwarePort })
  await expect.poll(() => home.daemonThere()).toBe(true)
  return { home, line }
}

lockContract('lock-simulated', async () => {
  const { home, line } = await connectedHome()
  return {
    lock: simulatedLock(line),
    state: home.lockState,
    movements: () => home.lockTimeline,
    processDies: () => void line.close(),
    async end() {
      await line.close()
      await home.close()
    },
  }
})

describe('a lock whose hardware is not there', () => {
  let ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends) await end()
    ends = []
  })

  test('says so when it should open, needs not close, and does not open later', async () => {
    const { home, line } = await connectedHome()
    ends = [() => line.close()]
    const { hardwarePort } = home
    await home.close()
    const lock = simulatedLock(line)
    await expect.poll(() => attempt(() => lock.open(1_000))).toBeInstanceOf(LockUnreachable)

    expect(() => lock.close()).not.toThrow()

    const again = await startSimulatedHome({
      doorId: 'test-door',
      doorKey: new Uint8Array(32),
      hardwarePort,
    })
    ends.push(() => again.close())
    await expect.poll(() => again.daemonThere()).toBe(true)
    lock.close()
    lock.open(20)
    await expect.poll(() => again.lockTimeline.length).toBe(2)
  })
})

function attempt(action: () => void): unknown {
  try {
    return action()
  } catch (fault) {
    return fault
  }
}

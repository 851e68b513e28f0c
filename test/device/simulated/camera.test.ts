import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CameraWatcher } from '../../../device/daemon/ports.ts'
import { simulatedCamera } from '../../../device/simulated/camera.ts'
import { connectHardware, type HardwareLine } from '../../../device/simulated/messages.ts'
import { type SimulatedHome, startSimulatedHome } from '../../support/door/played-home.ts'

const noting = (seen: boolean[]): CameraWatcher => ({
  moving: (moving) => seen.push(moving),
  picture: () => {},
  trouble: () => {},
})

let home: SimulatedHome
let line: HardwareLine

beforeEach(async () => {
  home = await startSimulatedHome({ doorId: 'test-door', doorKey: new Uint8Array(32) })
})
afterEach(async () => {
  await line.close()
  await home.close()
})

test('sees somebody who already stands there, sees them leave, and nothing of bell or leaf', async () => {
  home.arrive()
  line = connectHardware({ port: home.hardwarePort })
  const seen: boolean[] = []
  simulatedCamera(line).start(noting(seen))
  await expect.poll(() => seen).toEqual([true])
  home.bell()
  home.contact(true)
  home.leave()
  await expect.poll(() => seen).toEqual([true, false])
})

test('is silent once stopped', async () => {
  line = connectHardware({ port: home.hardwarePort })
  const [stopped, going] = [[] as boolean[], [] as boolean[]]
  const camera = simulatedCamera(line)
  camera.start(noting(stopped))
  simulatedCamera(line).start(noting(going))
  await expect.poll(() => going).toEqual([false])
  await camera.stop()
  home.arrive()
  await expect.poll(() => going).toEqual([false, true])
  expect(stopped).toEqual([false])
})

/**
 * A door's surroundings for those who only look at the door: its lines, and a cloud that is played
 * rather than run. Tests of the daemon use it, because it starts at once and does what it is told.
 */

import type { Clock } from '../../../device/daemon/ports.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { type DoorLines, startDoorLines } from '../../../simulation/door/connections.ts'
import { StandInCloud } from './played-cloud.ts'

export interface SimulatedHomeOptions {
  readonly doorId: string
  readonly doorKey: Uint8Array
  /** 0, the default, is any free port. */
  readonly hardwarePort?: number
  readonly linkPort?: number
  readonly secret?: string
  readonly clock?: Clock
}

export interface SimulatedHome extends DoorLinesWithoutNetwork {
  readonly cloud: StandInCloud
  networkUp(): boolean
  arrive(): void
  leave(): void
  network(up: boolean): void
}

type DoorLinesWithoutNetwork = Omit<
  DoorLines,
  'network' | 'setNetwork' | 'motion' | 'picture' | 'frame'
>

export async function startSimulatedHome(options: SimulatedHomeOptions): Promise<SimulatedHome> {
  const { doorId, doorKey, hardwarePort, linkPort, secret } = options
  const clock = options.clock ?? systemClock({ source: 'host' })
  const {
    network,
    setNetwork,
    motion,
    picture: _picture,
    frame: _frame,
    ...lines
  } = await startDoorLines({
    ...{ hardwarePort, linkPort, secret, clock },
    fromDoor: (topic, text) => cloud.receive(topic, text),
  })
  const cloud = new StandInCloud({ doorId, doorKey, clock, deliver: lines.sendText })
  return {
    ...lines,
    cloud,
    networkUp: () => network().up,
    arrive: () => motion(true),
    leave: () => motion(false),
    network: (up) => setNetwork({ up }),
  }
}

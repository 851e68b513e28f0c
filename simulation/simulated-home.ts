/**
 * A door's surroundings for those who only look at the door: its lines, and a cloud that is played
 * rather than run. Tests of the daemon use it, because it starts at once and does what it is told.
 */
import { systemClock } from '../device/adapters/clock-system.ts'
import type { Clock } from '../device/ports.ts'
import { type DoorLines, startDoorLines } from './door-lines.ts'
import { StandInCloud } from './stand-in-cloud.ts'

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

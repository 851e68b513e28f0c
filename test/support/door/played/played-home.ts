/**
 * The surroundings of a door for tests of the daemon: its connections, and a scripted cloud that starts
 * at once and does what the test says.
 */
import type { Clock } from '../../../../device/daemon/ports.ts'
import { systemClock } from '../../../../device/host/clock.ts'
import {
  type DoorConnections,
  startDoorConnections,
} from '../../../../simulation/door/connections.ts'
import { PlayedCloud } from './played-cloud.ts'

export interface PlayedHomeOptions {
  readonly doorId: string
  readonly doorKey: Uint8Array
  /** 0, the default, is any free port. */
  readonly hardwarePort?: number
  readonly linkPort?: number
  readonly secret?: string
  readonly clock?: Clock
}

export interface PlayedHome extends ConnectionsWithoutNetwork {
  readonly cloud: PlayedCloud
  networkUp(): boolean
  arrive(): void
  leave(): void
  network(up: boolean): void
}

type ConnectionsWithoutNetwork = Omit<
  DoorConnections,
  'network' | 'setNetwork' | 'motion' | 'frame'
>

export async function startPlayedHome(options: PlayedHomeOptions): Promise<PlayedHome> {
  const { doorId, doorKey, hardwarePort, linkPort, secret } = options
  const clock = options.clock ?? systemClock({ source: 'host' })
  const {
    network,
    setNetwork,
    motion,
    frame: _frame,
    ...connections
  } = await startDoorConnections({
    hardwarePort,
    linkPort,
    secret,
    clock,
    fromDoor: (topic, text) => cloud.receive(topic, text),
  })
  const cloud = new PlayedCloud({ doorId, doorKey, clock, deliver: connections.sendText })
  return {
    ...connections,
    cloud,
    networkUp: () => network().up,
    arrive: () => motion(true),
    leave: () => motion(false),
    network: (up) => setNetwork({ up }),
  }
}

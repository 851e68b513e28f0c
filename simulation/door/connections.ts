/** What a simulated door's daemon connects to: its hardware and its network. The daemon is the real one. */
import { EventEmitter } from 'node:events'
import type { Clock } from '../../device/daemon/ports.ts'
import { type Hardware, startHardware } from './hardware.ts'
import { type Network, startNetwork } from './network.ts'
import type { LockChange } from './relay.ts'

export interface DoorConnectionsOptions {
  /** 0, the default, is any free port. */
  readonly hardwarePort?: number | undefined
  readonly linkPort?: number | undefined
  /** What the daemon must send first, as its config file says. */
  readonly secret?: string | undefined
  readonly clock: Clock
  /** Everything that the door sends to its cloud. */
  readonly fromDoor: (topic: string, text: string) => void
}

export interface ConnectionEvents {
  lock: [LockChange]
  daemon: [connected: boolean]
  link: [up: boolean]
  contact: [open: boolean]
  motion: [there: boolean]
}

export interface DoorConnections extends Hardware, Network {
  readonly events: EventEmitter<ConnectionEvents>
  /** How many messages could not be read. */
  garbage(): number
}

export async function startDoorConnections(
  options: DoorConnectionsOptions,
): Promise<DoorConnections> {
  const { secret, clock, fromDoor } = options
  const events = new EventEmitter<ConnectionEvents>()
  events.setMaxListeners(0)
  let unreadable = 0
  const invalid = () => {
    unreadable += 1
  }
  const common = { secret, invalid, events }
  const hardware = await startHardware({ ...common, clock, port: options.hardwarePort ?? 0 })
  const network = await startNetwork({ ...common, fromDoor, port: options.linkPort ?? 0 })
  return {
    ...hardware,
    ...network,
    events,
    garbage: () => unreadable,
    async close() {
      await Promise.all([hardware.close(), network.close()])
    },
  }
}

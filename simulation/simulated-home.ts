/**
 * A door's surroundings on one computer: lock, contact, button, bell and motion on one line, and
 * on the other a stand-in for the cloud until the real one exists. The daemon that calls these
 * lines is the real one. Tests and `npm start` play the people: they arrive, ring, press and leave.
 */
import { EventEmitter } from 'node:events'
import * as z from 'zod/mini'
import { systemClock } from '../device/adapters/clock-system.ts'
import type { Clock } from '../device/ports.ts'
import {
  fromDoorSchema,
  type HardwareReading,
  lockOrderSchema,
  longestHardwareLineBytes,
  longestLinkLineBytes,
  type ToDoor,
} from '../device/simulator-lines.ts'
import { type LineServer, serveLine } from './line-server.ts'
import { type LockChange, type Relay, relay } from './relay.ts'
import { StandInCloud } from './stand-in-cloud.ts'

export interface SimulatedHomeOptions {
  readonly doorId: string
  readonly doorKey: Uint8Array
  /** 0, the default, is any free port. */
  readonly hardwarePort?: number
  readonly linkPort?: number
  readonly clock?: Clock
}

interface HomeEvents {
  lock: [LockChange]
  /** The daemon has called the hardware line, or let it drop. */
  daemon: [there: boolean]
  link: [up: boolean]
  contact: [open: boolean]
}

export interface SimulatedHome {
  readonly hardwarePort: number
  readonly linkPort: number
  readonly cloud: StandInCloud
  readonly events: EventEmitter<HomeEvents>
  /** Every movement of the lock since the beginning. */
  readonly lockTimeline: readonly LockChange[]
  lockState(): LockChange['state']
  contactOpen(): boolean
  somebodyThere(): boolean
  daemonThere(): boolean
  /** Whether the network would carry anything; `linkUp` is whether the daemon has found it. */
  networkUp(): boolean
  linkUp(): boolean
  /** Lines that made no sense, on either wire. */
  garbage(): number

  arrive(): void
  leave(): void
  bell(): void
  exit(): void
  contact(open: boolean): void
  network(up: boolean): void
  /** Whatever text on whatever topic, as a confused or hostile network might bring it. */
  sendText(topic: string, text: string): boolean
  close(): Promise<void>
}

export async function startSimulatedHome(options: SimulatedHomeOptions): Promise<SimulatedHome> {
  const { doorId, doorKey, clock = systemClock({ source: 'host' }) } = options
  const events = new EventEmitter<HomeEvents>()
  const timeline: LockChange[] = []
  const world = {
    contactOpen: false,
    motion: false,
    daemonThere: false,
    networkUp: true,
    linkUp: false,
    garbage: 0,
  }
  const garbage = () => {
    world.garbage += 1
  }

  const lock = relay(clock, (change) => {
    timeline.push(change)
    events.emit('lock', change)
  })
  const hardware = await serveHardware(options.hardwarePort ?? 0, lock, garbage, {
    levels: () => [{ contact: { open: world.contactOpen } }, { motion: world.motion }],
    daemonThere(there) {
      world.daemonThere = there
      events.emit('daemon', there)
    },
  })
  const cloud = new StandInCloud({
    doorId,
    doorKey,
    clock,
    deliver: (topic, text) => tell({ topic, text }),
  })
  const link = await serveLink(options.linkPort ?? 0, cloud, garbage, (up) => {
    world.linkUp = up
    events.emit('link', up)
  })
  const tell = (message: ToDoor) => link.send(message)
  const feel = (reading: HardwareReading) => hardware.send(reading)

  return {
    hardwarePort: hardware.port,
    linkPort: link.port,
    cloud,
    events,
    lockTimeline: timeline,
    lockState: lock.state,
    contactOpen: () => world.contactOpen,
    somebodyThere: () => world.motion,
    daemonThere: () => world.daemonThere,
    networkUp: () => world.networkUp,
    linkUp: () => world.linkUp,
    garbage: () => world.garbage,

    arrive() {
      world.motion = true
      feel({ motion: true })
    },
    leave() {
      world.motion = false
      feel({ motion: false })
    },
    bell: () => void feel({ bell: true }),
    exit: () => void feel({ exit: true }),
    contact(open) {
      world.contactOpen = open
      feel({ contact: { open } })
      events.emit('contact', open)
    },
    network(up) {
      world.networkUp = up
      link.cut(!up)
    },
    sendText: (topic, text) => tell({ topic, text }),
    async close() {
      await Promise.all([hardware.close(), link.close()])
    },
  }
}

interface Wiring {
  /** What a daemon finds when it looks at its pins for the first time. */
  levels(): HardwareReading[]
  daemonThere(there: boolean): void
}

async function serveHardware(
  port: number,
  lock: Relay,
  garbage: () => void,
  wiring: Wiring,
): Promise<LineServer> {
  const server = await serveLine({
    port,
    longestLineBytes: longestHardwareLineBytes,
    garbage,
    value(value) {
      const { success, data } = z.safeParse(lockOrderSchema, value)
      if (success) lock.order(data)
      else garbage()
    },
    connected() {
      for (const level of wiring.levels()) server.send(level)
      wiring.daemonThere(true)
    },
    dropped() {
      lock.lineDropped()
      wiring.daemonThere(false)
    },
  })
  return server
}

async function serveLink(
  port: number,
  cloud: StandInCloud,
  garbage: () => void,
  linkUp: (up: boolean) => void,
): Promise<LineServer> {
  const say = (message: ToDoor) => server.send(message)
  const server = await serveLine({
    port,
    longestLineBytes: longestLinkLineBytes,
    garbage,
    value(value) {
      const { success, data } = z.safeParse(fromDoorSchema, value)
      if (!success) return garbage()
      say({ ack: data.n })
      cloud.receive(data.topic, data.text)
    },
    connected() {
      say({ welcome: true })
      linkUp(true)
    },
    dropped: () => linkUp(false),
  })
  return server
}

/**
 * What a simulated door is wired to: lock, contact, button, bell and motion on one line, and the
 * network on the other. The daemon that calls these lines is the real one. The network can be cut,
 * slow, or one that brings everything twice and mixed up.
 */
import { EventEmitter } from 'node:events'
import * as z from 'zod/mini'
import type { Clock } from '../../device/daemon/ports.ts'
import {
  fromDoorSchema,
  type HardwareReading,
  lockOrderSchema,
  maxCloudMessageBytes,
  maxHardwareMessageBytes,
  type ToDoor,
} from '../../device/simulated/messages.ts'
import { type LineServer, type LineServerOptions, serveLine } from './connection-server.ts'
import { type LockChange, type Relay, relay } from './relay.ts'

export interface DoorLinesOptions {
  /** 0, the default, is any free port. */
  readonly hardwarePort?: number | undefined
  readonly linkPort?: number | undefined
  /** What the daemon has to say first, as its config file tells it. */
  readonly secret?: string | undefined
  readonly clock: Clock
  /** Everything that the door says to its cloud. */
  readonly fromDoor: (topic: string, text: string) => void
}

interface LineEvents {
  lock: [LockChange]
  /** The daemon has called the hardware line, or let it drop. */
  daemon: [there: boolean]
  link: [up: boolean]
  contact: [open: boolean]
  motion: [there: boolean]
}

export interface Network {
  readonly up: boolean
  /** How much later everything arrives, either way. */
  readonly slowMs: number
  /** Everything arrives twice, and what was said within a moment in any order. */
  readonly doubles: boolean
}

export interface DoorLines {
  readonly hardwarePort: number
  readonly linkPort: number
  readonly events: EventEmitter<LineEvents>
  /** Every movement of the lock since the beginning. */
  readonly lockTimeline: readonly LockChange[]
  lockState(): LockChange['state']
  contactOpen(): boolean
  somebodyThere(): boolean
  daemonThere(): boolean
  /** What the network would carry; `linkUp` is whether the daemon has found it. */
  network(): Network
  linkUp(): boolean
  /** Lines that made no sense, on either wire. */
  garbage(): number

  motion(there: boolean): void
  /** What the camera sees now. */
  picture(jpeg: Uint8Array, size: PictureSize): void
  /** What it sees in between, for a film alone. */
  frame(jpeg: Uint8Array, size: PictureSize): void
  bell(): void
  exit(): void
  contact(open: boolean): void
  setNetwork(change: Partial<Network>): void
  /** False when nobody can hear it. */
  sendText(topic: string, text: string): boolean
  close(): Promise<void>
}

interface PictureSize {
  readonly widthPx: number
  readonly heightPx: number
}

const mixedUpWithinMs = 150

export async function startDoorLines(options: DoorLinesOptions): Promise<DoorLines> {
  const events = new EventEmitter<LineEvents>()
  events.setMaxListeners(0)
  const timeline: LockChange[] = []
  const world = { contactOpen: false, motion: false, daemonThere: false, linkUp: false, garbage: 0 }
  let network: Network = { up: true, slowMs: 0, doubles: false }
  const garbage = () => {
    world.garbage += 1
  }
  const lock = relay(options.clock, (change) => {
    timeline.push(change)
    events.emit('lock', change)
  })
  const { hardwarePort = 0, linkPort = 0, secret } = options
  const hardware = await serveHardware({ port: hardwarePort, secret, invalid: garbage }, lock, {
    levels: () => [{ contact: { open: world.contactOpen } }, { motion: world.motion }],
    daemonThere(there) {
      world.daemonThere = there
      events.emit('daemon', there)
    },
  })
  const carry = carrier(() => network)
  const link = await serveLink(
    { port: linkPort, secret, invalid: garbage },
    {
      heard: (topic, text, acknowledge) =>
        carry((nth) => {
          if (nth === 0) acknowledge()
          options.fromDoor(topic, text)
        }),
      linkUp(up) {
        world.linkUp = up
        events.emit('link', up)
      },
    },
  )
  const feel = (reading: HardwareReading) => hardware.send(reading)

  return {
    hardwarePort: hardware.port,
    linkPort: link.port,
    events,
    lockTimeline: timeline,
    lockState: lock.state,
    contactOpen: () => world.contactOpen,
    somebodyThere: () => world.motion,
    daemonThere: () => world.daemonThere,
    network: () => network,
    linkUp: () => world.linkUp,
    garbage: () => world.garbage,

    motion(there) {
      world.motion = there
      feel({ motion: there })
      events.emit('motion', there)
    },
    picture(jpeg, size) {
      feel({ picture: { jpeg: Buffer.from(jpeg).toString('base64'), ...size } })
    },
    frame(jpeg, size) {
      feel({ frame: { jpeg: Buffer.from(jpeg).toString('base64'), ...size } })
    },
    bell: () => void feel({ bell: true }),
    exit: () => void feel({ exit: true }),
    contact(open) {
      world.contactOpen = open
      feel({ contact: { open } })
      events.emit('contact', open)
    },
    setNetwork(change) {
      const before = network
      network = { ...network, ...change }
      if (network.up !== before.up) link.cut(!network.up)
    },
    sendText(topic, text) {
      if (network.slowMs === 0 && !network.doubles) return link.send({ topic, text })
      carry(() => void link.send({ topic, text }))
      return world.linkUp
    },
    async close() {
      await Promise.all([hardware.close(), link.close()])
    },
  }
}

/** Brings what it is given at once, later, or twice, as the network is at that moment. */
function carrier(network: () => Network) {
  return (arrive: (nth: number) => void): void => {
    const { slowMs, doubles } = network()
    if (slowMs === 0 && !doubles) return void arrive(0)
    const times = doubles ? 2 : 1
    for (let nth = 0; nth < times; nth += 1) {
      const jitterMs = doubles ? Math.random() * mixedUpWithinMs : 0
      setTimeout(() => arrive(nth), slowMs + jitterMs)
    }
  }
}

interface Wiring {
  /** What a daemon finds when it looks at its pins for the first time. */
  levels(): HardwareReading[]
  daemonThere(there: boolean): void
}

type WayIn = Pick<LineServerOptions, 'port' | 'secret' | 'invalid'>

async function serveHardware(way: WayIn, lock: Relay, wiring: Wiring): Promise<LineServer> {
  const server = await serveLine({
    ...way,
    maxBytes: maxHardwareMessageBytes,
    value(value) {
      const { success, data } = z.safeParse(lockOrderSchema, value)
      if (success) lock.order(data)
      else way.invalid()
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

interface FarEnd {
  heard(topic: string, text: string, acknowledge: () => void): void
  linkUp(up: boolean): void
}

async function serveLink(way: WayIn, far: FarEnd): Promise<LineServer> {
  const say = (message: ToDoor) => server.send(message)
  const server = await serveLine({
    ...way,
    maxBytes: maxCloudMessageBytes,
    value(value) {
      const { success, data } = z.safeParse(fromDoorSchema, value)
      if (!success) return way.invalid()
      far.heard(data.topic, data.text, () => say({ ack: data.n }))
    },
    connected() {
      say({ welcome: true })
      far.linkUp(true)
    },
    dropped: () => far.linkUp(false),
  })
  return server
}

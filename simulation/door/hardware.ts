/** The hardware of a simulated door: lock, door contact, exit button, bell, motion and camera. */
import type { EventEmitter } from 'node:events'
import * as z from 'zod/mini'
import type { Clock } from '../../device/daemon/ports.ts'
import {
  type HardwareReading,
  lockOrderSchema,
  maxHardwareMessageLength,
} from '../../device/simulated/messages.ts'
import { ConnectionServer } from './connection-server.ts'
import type { ConnectionEvents } from './connections.ts'
import { type LockChange, relay } from './relay.ts'

interface PictureSize {
  readonly widthPx: number
  readonly heightPx: number
}

export interface Hardware {
  readonly hardwarePort: number
  /** Every movement of the lock since the start. */
  readonly lockTimeline: readonly LockChange[]
  lockState(): LockChange['state']
  contactOpen(): boolean
  motionSeen(): boolean
  daemonConnected(): boolean
  motion(there: boolean): void
  /** What the camera sees now. */
  picture(jpeg: Uint8Array, size: PictureSize): void
  /** What it sees between pictures, for a recording only. */
  frame(jpeg: Uint8Array, size: PictureSize): void
  bell(): void
  exit(): void
  contact(open: boolean): void
  close(): Promise<void>
}

interface HardwareOptions {
  readonly port: number
  readonly secret: string | undefined
  readonly clock: Clock
  readonly events: EventEmitter<ConnectionEvents>
  invalid(): void
}

export async function startHardware(options: HardwareOptions): Promise<Hardware> {
  const { port, secret, clock, events, invalid } = options
  const lockTimeline: LockChange[] = []
  const state = { contactOpen: false, motion: false, daemonConnected: false }
  const lock = relay(clock, (change) => {
    lockTimeline.push(change)
    events.emit('lock', change)
  })
  const setDaemon = (connected: boolean) => {
    state.daemonConnected = connected
    events.emit('daemon', connected)
  }
  const server = await ConnectionServer.start({
    port,
    secret,
    invalid,
    maxLength: maxHardwareMessageLength,
    value(value) {
      const { success, data } = z.safeParse(lockOrderSchema, value)
      if (success) lock.order(data)
      else invalid()
    },
    connected() {
      // The levels that a daemon reads when it starts.
      send({ contact: { open: state.contactOpen } })
      send({ motion: state.motion })
      setDaemon(true)
    },
    dropped() {
      lock.connectionLost()
      setDaemon(false)
    },
  })
  const send = (reading: HardwareReading) => void server.send(reading)
  return {
    hardwarePort: server.port,
    lockTimeline,
    lockState: lock.state,
    contactOpen: () => state.contactOpen,
    motionSeen: () => state.motion,
    daemonConnected: () => state.daemonConnected,
    motion(there) {
      state.motion = there
      send({ motion: there })
      events.emit('motion', there)
    },
    picture: (jpeg, size) => send({ picture: image(jpeg, size) }),
    frame: (jpeg, size) => send({ frame: image(jpeg, size) }),
    bell: () => send({ bell: true }),
    exit: () => send({ exit: true }),
    contact(open) {
      state.contactOpen = open
      send({ contact: { open } })
      events.emit('contact', open)
    },
    close: () => server.close(),
  }
}

const image = (jpeg: Uint8Array, size: PictureSize) => ({
  jpeg: Buffer.from(jpeg).toString('base64'),
  ...size,
})

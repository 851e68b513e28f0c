/** Lock, sensors and camera of a simulated door, which share one connection to the simulation. */
import * as z from 'zod/mini'
import type { Camera, Cancel, DoorSensors, Lock, Picture, SensorReading } from '../daemon/ports.ts'
import { connectJson } from './json-connection.ts'
import {
  type HardwareReading,
  hardwareReadingSchema,
  helloFor,
  type LockOrder,
  maxHardwareMessageLength,
  type SimulatedPicture,
  type SimulatorAddress,
} from './messages.ts'

export type HardwareConnection = ReturnType<typeof connectHardware>

export function connectHardware(address: SimulatorAddress, invalid: () => void = () => {}) {
  const listeners = new Set<(reading: HardwareReading) => void>()
  const levels = new Map<string, HardwareReading>()
  let isUp = false
  const connection = connectJson({
    port: address.port,
    hello: helloFor(address),
    maxLength: maxHardwareMessageLength,
    invalid,
    up(up) {
      isUp = up
    },
    value(value) {
      const { success, data } = z.safeParse(hardwareReadingSchema, value)
      if (!success) return invalid()
      if ('contact' in data) levels.set('contact', data)
      if ('motion' in data) levels.set('motion', data)
      for (const listener of [...listeners]) listener(data)
    },
  })
  return {
    /** Contact and motion are reported at once to every new listener, since pins can be read. */
    listen(listener: (reading: HardwareReading) => void): Cancel {
      listeners.add(listener)
      for (const level of levels.values()) listener(level)
      return () => listeners.delete(listener)
    },
    /** False when there is no connection. The order is not sent later. */
    order: (order: LockOrder) => connection.send(order),
    isUp: () => isUp,
    close: () => connection.close(),
  }
}

export class LockUnreachable extends Error {
  override readonly name = 'LockUnreachable'
  readonly code = 'LOCK_UNREACHABLE'
}

/** The relay is in the simulation, where it closes by itself even if this process dies. */
export const simulatedLock = (hardware: HardwareConnection): Lock => ({
  open(holdMs) {
    if (!hardware.order({ lock: 'open', holdMs })) {
      throw new LockUnreachable('The simulated lock is not connected.')
    }
  },
  close() {
    // Without a connection the relay has closed already.
    hardware.order({ lock: 'closed' })
  },
  reachable: () => hardware.isUp(),
})

export function simulatedSensors(hardware: HardwareConnection): DoorSensors {
  let cancel: Cancel = () => {}
  return {
    start(report) {
      cancel = hardware.listen((message) => {
        const reading = sensorReading(message)
        if (reading) report(reading)
      })
    },
    stop: () => cancel(),
  }
}

function sensorReading(message: HardwareReading): SensorReading | null {
  if ('contact' in message) return { kind: 'contact', open: message.contact.open }
  if ('exit' in message) return { kind: 'exit-pressed' }
  if ('bell' in message) return { kind: 'bell-pressed' }
  return null
}

export function simulatedCamera(hardware: HardwareConnection): Camera {
  let cancel: Cancel = () => {}
  return {
    start(watcher) {
      cancel = hardware.listen((message) => {
        if ('motion' in message) watcher.moving(message.motion)
        if ('picture' in message) watcher.picture(decoded(message.picture))
        if ('frame' in message) {
          watcher.picture({ ...decoded(message.frame), isRecordingOnly: true })
        }
        if ('camera' in message) watcher.trouble('unplugged')
      })
    },
    restart() {},
    async stop() {
      cancel()
    },
  }
}

const decoded = ({ jpeg, ...size }: SimulatedPicture): Picture => ({
  ...size,
  jpeg: Buffer.from(jpeg, 'base64'),
  grey: null,
})

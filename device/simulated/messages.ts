/**
 * What the daemon and a simulation of its surroundings say to each other, when the config file
 * asks for simulated hardware or a simulated cloud. Two lines, so that the network can be cut
 * while the hardware stays.
 */
import * as z from 'zod/mini'
import { longestMessageBytes } from '../../protocol/messages/shared.ts'
import type { Cancel } from '../daemon/ports.ts'
import { connectJsonLine } from './json-lines.ts'

// ---------------------------------------------------------------- the words of both lines

const picture = z.strictObject({
  jpeg: z.base64().check(z.minLength(4)),
  widthPx: z.int().check(z.positive()),
  heightPx: z.int().check(z.positive()),
})
export type SimulatedPicture = z.infer<typeof picture>

export const hardwareReadingSchema = z.union([
  z.strictObject({ contact: z.strictObject({ open: z.boolean() }) }),
  z.strictObject({ exit: z.literal(true) }),
  z.strictObject({ bell: z.literal(true) }),
  z.strictObject({ motion: z.boolean() }),
  z.strictObject({ picture }),
  /** What the camera sees in between: good for a film, and no still. */
  z.strictObject({ frame: picture }),
  z.strictObject({ camera: z.literal('unplugged') }),
])
export type HardwareReading = z.infer<typeof hardwareReadingSchema>

export const lockOrderSchema = z.discriminatedUnion('lock', [
  z.strictObject({
    lock: z.literal('open'),
    holdMs: z.int().check(z.minimum(1), z.maximum(60_000)),
  }),
  z.strictObject({ lock: z.literal('closed') }),
])
export type LockOrder = z.infer<typeof lockOrderSchema>

/**
 * The door's first words on either line, where the simulation has given it a secret. Web pages can
 * send bytes to any port of this machine; what they cannot do is read its files.
 */
export const helloSchema = z.strictObject({ secret: z.string().check(z.minLength(1)) })

const topic = z.string().check(z.minLength(1), z.maxLength(256))

export const fromDoorSchema = z.strictObject({
  n: z.int().check(z.positive()),
  topic,
  text: z.string(),
})
export type FromDoor = z.infer<typeof fromDoorSchema>

export const toDoorSchema = z.union([
  /** Said first, and only while the simulated network is up: a connection alone proves nothing. */
  z.strictObject({ welcome: z.literal(true) }),
  z.strictObject({ ack: z.int().check(z.positive()) }),
  z.strictObject({ topic, text: z.string() }),
])
export type ToDoor = z.infer<typeof toDoorSchema>

/** Room for a picture. */
export const longestHardwareLineBytes = 512 * 1024
/** Room for the longest message when every character of it has to be escaped. */
export const longestLinkLineBytes = 8 * longestMessageBytes

// ---------------------------------------------------------------- the hardware line

/** What the simulated lock, sensors and camera share: one wire to one door. */
export interface HardwareLine {
  /** A listener that comes late is told at once how contact and motion stand: pins can be read. */
  listen(listener: (reading: HardwareReading) => void): Cancel
  /** False when the line is down; the order is not kept for later. */
  order(order: LockOrder): boolean
  isUp(): boolean
  close(): Promise<void>
}

/** Where the simulation is, and what to say to it first. */
export interface FarEnd {
  readonly port: number
  readonly secret?: string | undefined
}

export const helloTo = ({ secret }: FarEnd): object | undefined =>
  secret === undefined ? undefined : { secret }

export function connectHardware(end: FarEnd, garbage: () => void = () => {}): HardwareLine {
  const listeners = new Set<(reading: HardwareReading) => void>()
  const levels = new Map<string, HardwareReading>()
  let isUp = false
  const line = connectJsonLine({
    port: end.port,
    hello: helloTo(end),
    longestLineBytes: longestHardwareLineBytes,
    garbage,
    up(up) {
      isUp = up
    },
    value(value) {
      const { success, data } = z.safeParse(hardwareReadingSchema, value)
      if (!success) return garbage()
      if ('contact' in data) levels.set('contact', data)
      if ('motion' in data) levels.set('motion', data)
      for (const listener of [...listeners]) listener(data)
    },
  })
  return {
    listen(listener) {
      listeners.add(listener)
      for (const level of levels.values()) listener(level)
      return () => listeners.delete(listener)
    },
    order: (order) => line.send(order),
    isUp: () => isUp,
    close: () => line.close(),
  }
}

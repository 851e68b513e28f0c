/**
 * The messages between the daemon and the laptop simulation. Hardware and cloud have a connection
 * each, so that the network can be cut while the hardware stays.
 */
import * as z from 'zod/mini'
import { longestMessageBytes } from '../../protocol/messages/shared.ts'

// ---------------------------------------------------------------- hardware

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
  /** For a recording only, not for a snapshot. */
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

/** Room for a picture. */
export const maxHardwareMessageLength = 512 * 1024

// ---------------------------------------------------------------- cloud

const topic = z.string().check(z.minLength(1), z.maxLength(256))

export const fromDoorSchema = z.strictObject({
  n: z.int().check(z.positive()),
  topic,
  text: z.string(),
})
export type FromDoor = z.infer<typeof fromDoorSchema>

export const toDoorSchema = z.union([
  /** Sent first, and only while the simulated network is up: a connection alone proves nothing. */
  z.strictObject({ welcome: z.literal(true) }),
  z.strictObject({ ack: z.int().check(z.positive()) }),
  z.strictObject({ topic, text: z.string() }),
])
export type ToDoor = z.infer<typeof toDoorSchema>

/** Room for the longest message when every character of it has to be escaped. */
export const maxCloudMessageLength = 8 * longestMessageBytes

// ---------------------------------------------------------------- both connections

/** How the daemon reaches the simulation. */
export interface SimulatorAddress {
  readonly port: number
  readonly secret?: string | undefined
}

/**
 * The daemon's first message, if the simulation has a secret. Any web page can send bytes to a port
 * of this machine, but none can read the config file.
 */
export const helloSchema = z.strictObject({ secret: z.string().check(z.minLength(1)) })

export const helloFor = ({ secret }: SimulatorAddress): object | undefined =>
  secret === undefined ? undefined : { secret }

/** Sends camera frames over TLS as fast as the connection accepts them, and prints the cost. */
import { readFileSync } from 'node:fs'
import { systemClock } from '../../../device/host/clock.ts'
import {
  openPutMedia,
  type PutMediaConnection,
} from '../../../device/recording/upload/put-media.ts'
import { uplinkLimits } from '../../../device/recording/upload/uplink.ts'

const [endpoint = '', caPath = '', megabytes = '', frameBytes = ''] = process.argv.slice(2)
const clock = systemClock({ source: 'host' })
const frame = Buffer.alloc(Number(frameBytes), 0x5a)
const frames = Math.ceil((Number(megabytes) * 1e6) / frame.length)
const { promise: over, resolve } = Promise.withResolvers<void>()
let sent = 0
let startedAtMs = 0
let before = process.cpuUsage()
let isFull = false

const connection: PutMediaConnection = await openPutMedia(
  {
    endpoint: new URL(endpoint),
    region: 'eu-central-1',
    streamName: 'front',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test', expiresAtMs: 0 },
    startedAtMs: Date.now(),
    clock,
    network: { ...uplinkLimits, ca: readFileSync(caPath, 'utf8') },
  },
  {
    // Connecting is not measured.
    answered() {
      startedAtMs = performance.now()
      before = process.cpuUsage()
      pump()
    },
    ack() {},
    drained() {
      isFull = false
      pump()
    },
    failed(failure) {
      throw new Error(`The upload failed: ${failure.kind}`)
    },
    closed: resolve,
  },
)

function pump(): void {
  while (!isFull && sent < frames) {
    isFull = !connection.write(frame)
    sent += 1
  }
  if (sent === frames && !isFull) connection.end()
}

connection.write(frame)
await over
const { user, system } = process.cpuUsage(before)
const cpuMs = (user + system) / 1_000
const wallMs = performance.now() - startedAtMs
process.stdout.write(JSON.stringify({ cpuMs, wallMs, bytes: sent * frame.length }))

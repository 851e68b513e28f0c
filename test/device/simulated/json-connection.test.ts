import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectJson, type JsonConnection } from '../../../device/simulated/json-connection.ts'
import { portOf } from '../../support/network/port-of.ts'

let server: Server
let connection: JsonConnection
let connectedAtMs: number[]

beforeEach(async () => {
  connectedAtMs = []
  server = createServer((socket) => {
    connectedAtMs.push(performance.now())
    socket.on('error', () => {})
    socket.end('{"welcome":true}\n')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterEach(async () => {
  await connection.close()
  server.close()
})

it('reconnects ever more slowly to a server that greets and hangs up', async () => {
  connection = connectJson({
    port: portOf(server),
    maxLength: 100,
    up() {},
    value() {},
    invalid() {},
  })
  await expect.poll(() => connectedAtMs.length).toBe(5)
  // 50, 100, 200 and 400 ms, each reduced by at most half.
  const [first = 0, , , , fifth = 0] = connectedAtMs
  expect(fifth - first).toBeGreaterThan(375)
})

/** How the daemon's line calls again: soon, but not ever faster for somebody who hangs up. */
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectJsonLine, type JsonLine } from '../../../device/simulated/json-lines.ts'

let server: Server
let line: JsonLine
let calls: number[]
let greet: (socket: Socket) => void

beforeEach(async () => {
  calls = []
  greet = () => {}
  server = createServer((socket) => {
    calls.push(performance.now())
    socket.on('error', () => {})
    greet(socket)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterEach(async () => {
  await line.close()
  server.close()
})

function call(): void {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  line = connectJsonLine({ port, longestLineBytes: 100, up() {}, value() {}, garbage() {} })
}

describe('a line whose far end greets and hangs up', () => {
  it('is called ever more rarely', async () => {
    greet = (socket) => socket.end('{"welcome":true}\n')
    call()
    await expect.poll(() => calls.length).toBe(5)
    // 50, 100, 200 and 400 ms, each less its share of chance: never below half of it.
    const [first = 0, , , , fifth = 0] = calls
    expect(fifth - first).toBeGreaterThan(375)
  })
})

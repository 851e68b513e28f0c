/**
 * A program of its own: the keypad app with a door that has no valid code, to be fuzzed from
 * outside. Tells its parent its port and, each time it is asked, how much it holds on to.
 */
import { fileURLToPath } from 'node:url'
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import { listeningApp } from '../network/listening-app.ts'
import { denied, stubDoor } from './stub-door.ts'

const paused: CodeAnswer = { outcome: 'paused', pausedForMs: 60_000 }
let asked = 0
const door = {
  ...stubDoor(),
  // Nothing is remembered of the codes: it would look like a leak of the app's.
  async enterCode() {
    asked += 1
    return asked % 4 === 0 ? paused : denied
  },
}
const pageFolder = fileURLToPath(new URL('../../../keypad-ui', import.meta.url))
const { app, port, faults } = await listeningApp({
  door,
  pageFolder,
  limits: { refuseCodeAfterMs: 0 },
})

process.on('message', () => {
  global.gc?.()
  app.server.getConnections((_error, connections) => {
    const heapBytes = process.memoryUsage().heapUsed
    process.send?.({ heapBytes, connections, faults: faults.length, asked })
  })
})
process.send?.({ port })

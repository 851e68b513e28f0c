/** A door for the keypad page to stand at: the daemon's own HTTP app, and behind it a test's word. */
import { fileURLToPath } from 'node:url'
import type { KeypadDoor } from '../../../device/http/keypad-app.ts'
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import { freePort } from '../../../simulation/door/free-port.ts'
import { builtApp, listeningApp } from '../network/listening-app.ts'
import { type StubDoor, stubDoor } from './stub-door.ts'

export interface ScriptedDoor extends StubDoor {
  readonly url: string
  /** What the next codes are answered with. */
  answer(reply: KeypadDoor['enterCode']): void
  stop(): Promise<void>
  /** Under the same address, as after a restart. */
  start(): Promise<void>
}

export const accepted: CodeAnswer = {
  outcome: 'accepted',
  visitorName: 'Mira Feldmann',
  language: 'en',
  unlockedForMs: 5_000,
}

const pageFolder = fileURLToPath(new URL('../../../keypad-ui', import.meta.url))

export async function scriptedDoor(): Promise<ScriptedDoor> {
  let reply: KeypadDoor['enterCode'] | null = null
  const door = stubDoor({
    enterCode: (code) => reply?.(code) ?? Promise.resolve({ outcome: 'denied', pausedForMs: 0 }),
  })
  const limits = { closeWithinMs: 50 }
  const first = await listeningApp({ door, pageFolder, limits }, await freePort(0))
  const { port } = first
  let { app } = first
  return {
    ...door,
    url: `http://127.0.0.1:${port}/`,
    answer(next) {
      reply = next
    },
    stop: () => app.close(),
    async start() {
      app = builtApp({ door, pageFolder, limits }).app
      await app.listen({ host: '127.0.0.1', port })
    },
  }
}

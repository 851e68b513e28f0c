/** Starts the peer of the keypad API in a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../simulation/door/free-port.ts'
import { type StartedServer, startedServer } from '../support/started-server.ts'
import type { Workshop } from '../support/workshop.ts'

const program = fileURLToPath(new URL('./bare-server-process.ts', import.meta.url))

export async function startBareServer(workshop: Workshop): Promise<StartedServer> {
  const port = await freePort(0)
  const args = [program, String(port)]
  return startedServer(
    () => workshop.look(spawn(process.execPath, args, { stdio: 'inherit' })),
    port,
  )
}

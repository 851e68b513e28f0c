/** Answers commands that the owner gives at the door, through a socket that only root can open. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { DoorBusy, type Log, type PasscodeAnswer, type SheetAnswer } from '../daemon/ports.ts'
import { controlLimits, controlRequestSchema } from './messages.ts'

/** What can be asked for. */
export interface ControlledDoor {
  makePasscode(): Promise<PasscodeAnswer>
  makeSheet(by: string): Promise<SheetAnswer>
}

/** Without the socket only these commands are missing, so the door starts all the same. */
export function serveControl(path: string, door: ControlledDoor, log: Log): Server {
  // Left by a daemon that was killed.
  rmSync(path, { force: true })
  const server = createServer((socket) => serve(socket, door, log))
  server.on('error', (err) => log.error({ err, path }, 'commands cannot reach the daemon'))
  server.listen(path, () => chmodSync(path, 0o600))
  return server
}

function serve(socket: Socket, door: ControlledDoor, log: Log): void {
  let received = ''
  socket.setEncoding('utf8')
  socket.setTimeout(controlLimits.answerWithinMs, () => socket.destroy())
  // The command was ended.
  socket.on('error', () => {})
  socket.on('data', (text: string) => {
    received += text
    if (received.length > controlLimits.requestBytes) socket.destroy()
    if (!received.endsWith('\n')) return
    answer(received, door).then(
      (reply) => socket.end(`${JSON.stringify(reply)}\n`),
      (err: unknown) => {
        log.error({ err }, 'a command failed')
        socket.destroy()
      },
    )
  })
}

async function answer(request: string, door: ControlledDoor): Promise<object> {
  const { ask } = controlRequestSchema.parse(JSON.parse(request))
  const asked = {
    passcode: () => door.makePasscode(),
    'break-glass': () => door.makeSheet('a terminal at the door'),
  }
  return asked[ask]().catch((fault: unknown) => {
    if (fault instanceof DoorBusy) return { outcome: 'busy' }
    throw fault
  })
}

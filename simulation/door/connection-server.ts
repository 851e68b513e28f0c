/**
 * The server end of one connection of a simulated daemon. Any web page can send bytes to a port of
 * this machine, so a caller that does not know the secret is ignored.
 */
import { createServer, type Socket } from 'node:net'
import {
  closeSocket,
  type JsonListener,
  readJson,
  writeJson,
} from '../../device/simulated/json-connection.ts'
import { helloSchema } from '../../device/simulated/messages.ts'

export interface ConnectionServer {
  readonly port: number
  /** False if no daemon is connected. */
  send(value: unknown): boolean
  /** While it is cut, every caller is disconnected at once. */
  cut(cut: boolean): void
  close(): Promise<void>
}

export interface ConnectionServerOptions extends JsonListener {
  readonly port: number
  readonly maxLength: number
  /** Without one, every caller counts as the daemon: for tests. */
  readonly secret?: string | undefined
  /** A daemon is connected; what it must know first can be sent from here. */
  connected(): void
  dropped(): void
}

/** One daemon at a time: when another one connects, the older must have died without closing. */
export async function serveConnection(options: ConnectionServerOptions): Promise<ConnectionServer> {
  let daemon: Socket | null = null
  let isCut = false
  const callers = new Set<Socket>()

  const drop = () => {
    const dropped = daemon
    daemon = null
    dropped?.destroy()
    if (dropped) options.dropped()
  }
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {}) // 'close' follows.
    if (isCut) return void socket.destroy()
    callers.add(socket)
    socket.once('close', () => callers.delete(socket))
    const take = () => {
      if (isCut) return void socket.destroy()
      drop()
      daemon = socket
      socket.on('close', () => {
        if (daemon === socket) drop()
      })
      options.connected()
    }
    const isAdmitted = admission(options.secret, take, () => socket.destroy())
    readJson(socket, options.maxLength, {
      value: (value) => {
        if (isAdmitted(value) && daemon === socket) options.value(value)
      },
      invalid: () => {
        options.invalid()
        isAdmitted(null)
      },
    })
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port, '127.0.0.1', listening)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    send(value) {
      if (!daemon) return false
      writeJson(daemon, value)
      return true
    },
    cut(cut) {
      isCut = cut
      if (cut) drop()
    },
    async close() {
      isCut = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if (daemon) await closeSocket(daemon)
      for (const caller of callers) caller.destroy()
      await closed
    },
  }
}

const helloWithinMs = 2_000

/** Decides for each value if it is for the listener. The first must be the secret, and come soon. */
function admission(
  secret: string | undefined,
  take: () => void,
  refuse: () => void,
): (value: unknown) => boolean {
  let state: 'waiting' | 'taken' | 'refused' = 'waiting'
  const become = (next: 'taken' | 'refused') => {
    clearTimeout(timeout)
    state = next
    if (next === 'taken') take()
    else refuse()
  }
  const timeout = setTimeout(() => become('refused'), helloWithinMs).unref()
  if (secret === undefined) become('taken')
  return (value) => {
    if (state !== 'waiting') return state === 'taken'
    const hello = helloSchema.safeParse(value)
    become(hello.success && hello.data.secret === secret ? 'taken' : 'refused')
    return false
  }
}

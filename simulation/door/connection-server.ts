/**
 * The far end of one of the daemon's simulated lines. Any web page can send bytes to a port of this
 * machine, so a caller who does not know the secret is neither heard nor told anything.
 */
import { createServer, type Socket } from 'node:net'
import {
  closeSocket,
  type JsonListener,
  readJson,
  writeJson,
} from '../../device/simulated/json-connection.ts'
import { helloSchema } from '../../device/simulated/messages.ts'

export interface LineServer {
  readonly port: number
  /** False when no daemon is there to hear it. */
  send(value: unknown): boolean
  /** While it is cut, whoever calls is let go again without a word. */
  cut(cut: boolean): void
  close(): Promise<void>
}

export interface LineServerOptions extends JsonListener {
  readonly port: number
  readonly maxBytes: number
  /** Without one, whoever calls is believed to be the daemon: for tests. */
  readonly secret?: string | undefined
  /** A daemon is there; what it has to know at once can be sent from here. */
  connected(): void
  dropped(): void
}

/** One daemon at a time: when another one calls, the older must have died without a goodbye. */
export async function serveLine(options: LineServerOptions): Promise<LineServer> {
  let caller: Socket | null = null
  let isCut = false
  const callers = new Set<Socket>()

  const drop = () => {
    const dropped = caller
    caller = null
    dropped?.destroy()
    if (dropped) options.dropped()
  }
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {}) // 'close' follows, and says all that matters.
    if (isCut) {
      socket.destroy()
      return
    }
    const take = () => {
      if (isCut) return void socket.destroy()
      drop()
      caller = socket
      socket.on('close', () => {
        if (caller === socket) drop()
      })
      options.connected()
    }
    const admit = admission(options.secret, take, () => socket.destroy())
    readJson(socket, options.maxBytes, {
      value: (value) => {
        if (!admit(value)) return
        if (caller === socket) options.value(value)
      },
      invalid: () => {
        options.invalid()
        admit(null)
      },
    })
    callers.add(socket)
    socket.once('close', () => callers.delete(socket))
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port, '127.0.0.1', listening)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    send(value) {
      if (!caller) return false
      writeJson(caller, value)
      return true
    },
    cut(cut) {
      isCut = cut
      if (cut) drop()
    },
    async close() {
      isCut = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if (caller) await closeSocket(caller)
      for (const stranger of callers) stranger.destroy()
      await closed
    },
  }
}

const helloWithinMs = 2_000

/** Says of each line whether it is for the listener; the first has to be the secret, and soon. */
function admission(
  secret: string | undefined,
  take: () => void,
  refuse: () => void,
): (value: unknown) => boolean {
  let state: 'waiting' | 'taken' | 'refused' = 'waiting'
  const become = (next: 'taken' | 'refused') => {
    clearTimeout(impatience)
    state = next
    if (next === 'taken') take()
    else refuse()
  }
  const impatience = setTimeout(() => become('refused'), helloWithinMs).unref()
  if (secret === undefined) become('taken')
  return (value) => {
    if (state !== 'waiting') return state === 'taken'
    const hello = helloSchema.safeParse(value)
    become(hello.success && hello.data.secret === secret ? 'taken' : 'refused')
    return false
  }
}

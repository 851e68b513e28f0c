/**
 * The server end of one connection of a simulated daemon. Any web page can send bytes to a port of
 * this machine, so a caller that does not know the secret is ignored.
 */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import {
  closeSocket,
  type JsonListener,
  readJson,
  writeJson,
} from '../../device/simulated/json-connection.ts'
import { helloSchema } from '../../device/simulated/messages.ts'

interface ConnectionServerOptions extends JsonListener {
  readonly port: number
  readonly maxLength: number
  /** Without one, every caller counts as the daemon: for tests. */
  readonly secret?: string | undefined
  /** A daemon is connected; what it must know first can be sent from here. */
  connected(): void
  dropped(): void
}

/** One daemon at a time: when another one connects, the older must have died without closing. */
export class ConnectionServer {
  readonly #options: ConnectionServerOptions
  readonly #callers = new Set<Socket>()
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  #daemon: Socket | null = null
  #isCut = false

  private constructor(options: ConnectionServerOptions) {
    this.#options = options
  }

  static async start(options: ConnectionServerOptions): Promise<ConnectionServer> {
    const server = new ConnectionServer(options)
    server.#server.listen(options.port, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : this.#options.port
  }

  /** False if no daemon is connected. */
  send(value: unknown): boolean {
    if (!this.#daemon) return false
    writeJson(this.#daemon, value)
    return true
  }

  /** While it is cut, every caller is disconnected at once. */
  cut(cut: boolean): void {
    this.#isCut = cut
    if (cut) this.#drop()
  }

  async close(): Promise<void> {
    this.#isCut = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    if (this.#daemon) await closeSocket(this.#daemon)
    for (const caller of this.#callers) caller.destroy()
    await closed
  }

  #accept(socket: Socket): void {
    const { secret, maxLength, value, invalid } = this.#options
    socket.on('error', () => {}) // 'close' follows.
    if (this.#isCut) return void socket.destroy()
    this.#callers.add(socket)
    socket.once('close', () => this.#callers.delete(socket))
    const isAdmitted = admission(
      secret,
      () => this.#admit(socket),
      () => socket.destroy(),
    )
    readJson(socket, maxLength, {
      value: (received) => {
        if (isAdmitted(received) && this.#daemon === socket) value(received)
      },
      invalid: () => {
        invalid()
        isAdmitted(null)
      },
    })
  }

  #admit(socket: Socket): void {
    if (this.#isCut) return void socket.destroy()
    this.#drop()
    this.#daemon = socket
    socket.on('close', () => {
      if (this.#daemon === socket) this.#drop()
    })
    this.#options.connected()
  }

  #drop(): void {
    const dropped = this.#daemon
    if (!dropped) return
    this.#daemon = null
    dropped.destroy()
    this.#options.dropped()
  }
}

const helloWithinMs = 2_000

/** Decides for each value if it is for the listener. The first must be the secret, and come soon. */
function admission(
  secret: string | undefined,
  admit: () => void,
  refuse: () => void,
): (value: unknown) => boolean {
  let state: 'waiting' | 'admitted' | 'refused' = 'waiting'
  const become = (next: 'admitted' | 'refused') => {
    clearTimeout(timeout)
    state = next
    if (next === 'admitted') admit()
    else refuse()
  }
  const timeout = setTimeout(() => become('refused'), helloWithinMs).unref()
  if (secret === undefined) become('admitted')
  return (value) => {
    if (state !== 'waiting') return state === 'admitted'
    const hello = helloSchema.safeParse(value)
    become(hello.success && hello.data.secret === secret ? 'admitted' : 'refused')
    return false
  }
}

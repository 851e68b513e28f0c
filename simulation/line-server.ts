/** The far end of one of the daemon's simulated lines. */
import { createServer, type Socket } from 'node:net'
import { type LineListener, letGo, readJsonLines, writeJsonLine } from '../device/json-lines.ts'

export interface LineServer {
  readonly port: number
  /** False when no daemon is there to hear it. */
  send(value: unknown): boolean
  /** While it is cut, whoever calls is let go again without a word. */
  cut(cut: boolean): void
  close(): Promise<void>
}

export interface LineServerOptions extends LineListener {
  readonly port: number
  readonly longestLineBytes: number
  /** A daemon is there; what it has to know at once can be sent from here. */
  connected(): void
  dropped(): void
}

/** One daemon at a time: when another one calls, the older must have died without a goodbye. */
export async function serveLine(options: LineServerOptions): Promise<LineServer> {
  let caller: Socket | null = null
  let isCut = false

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
    drop()
    caller = socket
    socket.on('close', () => {
      if (caller === socket) drop()
    })
    readJsonLines(socket, options.longestLineBytes, {
      value: (value) => {
        if (caller === socket) options.value(value)
      },
      garbage: options.garbage,
    })
    options.connected()
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
      writeJsonLine(caller, value)
      return true
    },
    cut(cut) {
      isCut = cut
      if (cut) drop()
    },
    async close() {
      isCut = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if (caller) await letGo(caller)
      await closed
    },
  }
}

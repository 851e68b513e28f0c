/**
 * JSON values over a TCP connection on this machine, one per line of text: how the daemon reaches
 * simulated hardware and a simulated cloud. The daemon connects, as it does to the real ones.
 * Values are never queued, because an order to open must not arrive late.
 */
import { connect, type Socket } from 'node:net'

export interface JsonListener {
  value(value: unknown): void
  /** A value that was too long or not JSON. It is skipped. */
  invalid(): void
}

export function readJson(socket: Socket, maxLength: number, listener: JsonListener): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\n')
    // A text that is too long is cut, but stays too long to be accepted.
    rest = (texts.pop() ?? '').slice(0, maxLength + 1)
    for (const text of texts) parse(text.length > maxLength ? '' : text, listener)
  })
}

function parse(text: string, listener: JsonListener): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    listener.invalid()
    return
  }
  listener.value(value)
}

export function writeJson(socket: Socket, value: unknown): void {
  socket.write(`${JSON.stringify(value)}\n`)
}

interface JsonConnectionOptions extends JsonListener {
  readonly port: number
  readonly maxLength: number
  /** Sent first on every connection: identifies the daemon. */
  readonly hello?: object | undefined
  up(up: boolean): void
}

const minRetryMs = 50
const maxRetryMs = 1_000
const lastedAfterMs = 5_000
const closeTimeoutMs = 500

export type JsonConnection = ReturnType<typeof connectJson>

/** Connects, and connects again whenever the connection fails or drops. */
export function connectJson(options: JsonConnectionOptions) {
  let isClosed = false
  let isUp = false
  let upSinceMs = 0
  let tries = 0
  let retry: NodeJS.Timeout | undefined
  let socket = open()

  function open(): Socket {
    const opened = connect({ host: '127.0.0.1', port: options.port, noDelay: true })
    opened.on('connect', () => {
      // Without a server, the system may have connected the socket to itself.
      if (opened.localPort === opened.remotePort) return void opened.destroy()
      if (options.hello) writeJson(opened, options.hello)
      setUp(true)
    })
    opened.on('error', () => {}) // 'close' follows.
    opened.on('close', () => {
      setUp(false)
      if (!isClosed) retry = setTimeout(() => (socket = open()), retryMs(tries++))
    })
    readJson(opened, options.maxLength, {
      value(value) {
        if (!isClosed) options.value(value)
      },
      invalid() {
        if (!isClosed) options.invalid()
      },
    })
    return opened
  }

  function setUp(up: boolean): void {
    if (isClosed || up === isUp) return
    isUp = up
    // Only a connection that lasted resets the delay: some servers accept and close at once.
    if (up) upSinceMs = performance.now()
    else if (performance.now() - upSinceMs >= lastedAfterMs) tries = 0
    options.up(up)
  }

  return {
    /** False when there is no connection. */
    send(value: unknown): boolean {
      if (isClosed || !isUp) return false
      writeJson(socket, value)
      return true
    },
    /** Reports nothing afterwards. Settles when the socket has closed. */
    async close(): Promise<void> {
      isClosed = true
      clearTimeout(retry)
      await closeSocket(socket)
    },
  }
}

/** With jitter, so that connections which dropped together do not retry together. */
const retryMs = (tries: number): number =>
  Math.min(maxRetryMs, minRetryMs * 2 ** tries) * (0.5 + Math.random() / 2)

/** Delivers what was written, unless the far end does not read. */
export async function closeSocket(socket: Socket): Promise<void> {
  if (socket.closed) return
  const timeout = setTimeout(() => socket.destroy(), closeTimeoutMs)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  if (socket.connecting) socket.destroy()
  else socket.destroySoon()
  await closed
  clearTimeout(timeout)
}

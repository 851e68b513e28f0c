/**
 * One JSON value per line over a TCP connection on this machine: how the daemon reaches simulated
 * hardware and a simulated cloud. The daemon is always the one that calls, as it is with the real
 * ones. Nothing is kept for later: what can't be said now is not said, because an order to open
 * must never arrive after a pause.
 */
import { connect, type Socket } from 'node:net'

export interface LineListener {
  value(value: unknown): void
  /** A line that was too long or no JSON; it is skipped, and the next one is read as usual. */
  garbage(): void
}

const newline = 0x0a

export function readJsonLines(
  socket: Socket,
  longestLineBytes: number,
  listener: LineListener,
): void {
  let parts: Buffer[] = []
  let bytes = 0
  const keep = (part: Buffer) => {
    bytes += part.length
    if (bytes <= longestLineBytes) parts.push(part)
    else parts = []
  }
  const finishLine = () => {
    const text = bytes <= longestLineBytes ? Buffer.concat(parts).toString() : ''
    parts = []
    bytes = 0
    tell(text, listener)
  }
  socket.on('data', (chunk: Buffer) => {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, end))
      finishLine()
      start = end + 1
    }
    keep(chunk.subarray(start))
  })
}

function tell(text: string, listener: LineListener): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    listener.garbage()
    return
  }
  listener.value(value)
}

/** Small lines must not wait for each other: a visitor is waiting for the lock. */
export function writeJsonLine(socket: Socket, value: unknown): void {
  socket.write(`${JSON.stringify(value)}\n`)
}

export interface JsonLine {
  /** False when the line is down. */
  send(value: unknown): boolean
  /** For good; nothing is reported afterwards. Settles when the far end has been let go. */
  close(): Promise<void>
}

export interface JsonLineOptions extends LineListener {
  readonly port: number
  readonly longestLineBytes: number
  /** Said first on every call: by it the far end knows who calls. */
  readonly hello?: object | undefined
  up(up: boolean): void
}

const firstRetryMs = 50
const longestRetryMs = 1_000
/** A line that was up for so long was not just answered. */
const heldAfterMs = 5_000
const lastWordsMs = 500

/** Keeps calling until it is answered, and again whenever the line drops. */
export function connectJsonLine(options: JsonLineOptions): JsonLine {
  const { port, longestLineBytes } = options
  let closed = false
  let isUp = false
  let upSinceMs = 0
  let tries = 0
  let retry: NodeJS.Timeout | undefined
  let socket = call()

  function call(): Socket {
    const fresh = connect({ host: '127.0.0.1', port, noDelay: true })
    fresh.on('connect', () => {
      // Nobody listens on the port, and by chance it was given to this very call.
      if (fresh.localPort === fresh.remotePort) return void fresh.destroy()
      if (options.hello) writeJsonLine(fresh, options.hello)
      report(true)
    })
    fresh.on('error', () => {}) // 'close' follows, and says all that matters.
    fresh.on('close', () => {
      report(false)
      if (!closed) retry = setTimeout(() => (socket = call()), retryMs(tries++))
    })
    readJsonLines(fresh, longestLineBytes, {
      value(value) {
        if (!closed) options.value(value)
      },
      garbage() {
        if (!closed) options.garbage()
      },
    })
    return fresh
  }

  function report(up: boolean): void {
    if (closed || up === isUp) return
    isUp = up
    // A far end that takes every call, says a word and hangs up must not be called ever faster.
    if (up) upSinceMs = performance.now()
    else if (performance.now() - upSinceMs >= heldAfterMs) tries = 0
    options.up(up)
  }

  return {
    send(value) {
      if (closed || !isUp) return false
      writeJsonLine(socket, value)
      return true
    },
    async close() {
      closed = true
      clearTimeout(retry)
      await letGo(socket)
    },
  }
}

/** Jittered, so that several lines that dropped together don't all call together. */
const retryMs = (tries: number): number =>
  Math.min(longestRetryMs, firstRetryMs * 2 ** tries) * (0.5 + Math.random() / 2)

/** What was said is still delivered, unless the far end has stopped listening. */
export async function letGo(socket: Socket): Promise<void> {
  if (socket.closed) return
  const impatience = setTimeout(() => socket.destroy(), lastWordsMs)
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  if (socket.connecting) socket.destroy()
  else socket.destroySoon()
  await gone
  clearTimeout(impatience)
}

/** A minimal HTTP client with one connection and one request at a time, equal for all servers. */
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly askedAtMs: number
  readonly tookMs: number
}

export interface KeepAliveClient {
  post(path: string, body: object): Promise<Answer>
  get(path: string): Promise<Answer>
  /** For an endless answer, which is ignored. */
  listen(path: string): void
  close(): void
}

/** Null when no server listens there. */
export async function keepAliveClient(port: number): Promise<KeepAliveClient | null> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const isConnected = await new Promise<boolean>((settle) => {
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
  // The kernel may choose the unused target port as the local port of the call itself.
  const isEcho = socket.localPort === socket.remotePort
  if (isConnected && !isEcho) return clientOn(socket, `127.0.0.1:${port}`)
  socket.destroy()
  return null
}

interface Waiting {
  readonly askedAtMs: number
  readonly answered: (answer: Answer) => void
  readonly failed: (error: Error) => void
}

function clientOn(socket: Socket, host: string): KeepAliveClient {
  let waiting: Waiting | null = null
  let received = ''

  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    if (!waiting) return
    received += text
    const answer = answerIn(received, waiting.askedAtMs)
    if (!answer) return
    received = ''
    const { answered } = waiting
    waiting = null
    answered(answer)
  })
  socket.on('error', () => {}) // 'close' follows.
  socket.on('close', () => waiting?.failed(new Error('the server hung up')))

  const ask = (text: string) =>
    new Promise<Answer>((answered, failed) => {
      waiting = { askedAtMs: performance.now(), answered, failed }
      socket.write(text)
    })

  return {
    post(path, body) {
      const text = JSON.stringify(body)
      return ask(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      )
    },
    get: (path) => ask(getText(path, host)),
    listen: (path) => void socket.write(getText(path, host)),
    close: () => socket.destroy(),
  }
}

const getText = (path: string, host: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

/** Parses answers with a content length, which is all that our servers send. */
function answerIn(received: string, askedAtMs: number): Answer | null {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const length = /^content-length: *(\d+)/im.exec(received.slice(0, headEnd))?.[1]
  const body = received.slice(headEnd + 4)
  if (body.length < Number(length ?? 0)) return null
  const tookMs = performance.now() - askedAtMs
  return { status: Number(received.slice(9, 12)), body, askedAtMs, tookMs }
}

/** A socket for requests that no HTTP client would send. */
import { connect, type Socket } from 'node:net'

export interface RawConnection {
  readonly socket: Socket
  /** Everything received so far. */
  received(): string
  /** Settles when the server has closed the connection in any way. */
  readonly closed: Promise<void>
}

export function rawConnection(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => {}) // The server may reset the connection.
  return {
    socket,
    received: () => Buffer.concat(chunks).toString('latin1'),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  }
}

/** Sends the bytes, and returns everything received until the server closed the connection. */
export async function rawExchange(port: number, bytes: string | Uint8Array): Promise<string> {
  const connection = rawConnection(port)
  connection.socket.write(bytes)
  await connection.closed
  return connection.received()
}

export const postText = (path: string, body: string, more: readonly string[] = []): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
    '',
    body,
  ].join('\r\n')

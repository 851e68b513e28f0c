/** A TCP proxy that can hold back what the server sends, and cut every connection. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { portOf } from './port-of.ts'

export interface TcpGate {
  readonly port: number
  connections(): number
  /** Holds back what the server sends until it is released. */
  hold(hold: boolean): void
  cut(): void
  restore(): void
  close(): Promise<void>
}

export async function tcpGate(target: {
  readonly host: string
  readonly port: number
}): Promise<TcpGate> {
  const connections = new Map<Socket, Socket>()
  const held: (() => void)[] = []
  let isHolding = false
  let isCut = false

  function accept(client: Socket): void {
    if (isCut) return void client.resetAndDestroy()
    const upstream = connect({ host: target.host, port: target.port, noDelay: true })
    connections.set(client, upstream)
    closeTogether(client, upstream)
    closeTogether(upstream, client)
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => {
      if (isHolding) held.push(() => client.write(chunk))
      else client.write(chunk)
    })
  }

  function closeTogether(from: Socket, to: Socket): void {
    from.on('error', () => {}) // 'close' follows.
    from.on('close', () => {
      to.destroy()
      connections.delete(from)
    })
  }

  const dropAll = () => {
    for (const [client, upstream] of connections) {
      client.destroy()
      upstream.destroy()
    }
    connections.clear()
  }

  const server: Server = createServer({ noDelay: true }, accept)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: portOf(server),
    connections: () => connections.size,
    hold(hold) {
      isHolding = hold
      if (!hold) for (const release of held.splice(0)) release()
    },
    cut() {
      isCut = true
      dropAll()
    },
    restore() {
      isCut = false
    },
    async close() {
      dropAll()
      await new Promise<void>((closed) => server.close(() => closed()))
    },
  }
}

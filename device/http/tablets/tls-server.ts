/** An HTTPS server that refuses a connection before TLS costs anything. */
import type { RequestListener, ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import { Socket } from 'node:net'
import type { Peers } from './peers.ts'
import type { TabletLimits } from './tablet-limits.ts'

/** Both in PEM. */
export interface TlsIdentity {
  readonly key: string
  readonly cert: string
}

/** A tablet on the wall may be an old one. */
const minVersion = 'TLSv1.2'

export function tlsServer(
  identity: TlsIdentity,
  peers: Peers,
  limits: TabletLimits,
): (options: ServerOptions, listener: RequestListener) => Server {
  return (options, listener) => {
    const handshakeTimeout = limits.handshakeWithinMs
    const server = createServer({ ...options, ...identity, minVersion, handshakeTimeout }, listener)
    const beginTls = server.listeners('connection')
    server.removeAllListeners('connection')
    server.on('connection', (stream) => {
      if (!(stream instanceof Socket) || !peers.admit(stream)) return void stream.destroy()
      for (const begin of beginTls) Reflect.apply(begin, server, [stream])
    })
    // An answer in plain HTTP would wait for a handshake that never ends.
    server.prependListener('tlsClientError', (_error, socket) => socket.destroy())
    return server
  }
}

export const renewTls = (server: Server, identity: TlsIdentity): void =>
  server.setSecureContext({ ...identity, minVersion })

/**
 * Limits the number of connections. Above the limit the oldest silent connection is closed, so that
 * silent connections cannot shut out the page on the door's own screen. If none is silent, the new
 * one is closed.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export function boundConnections(server: Server, atMost: number) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (sockets.size <= atMost) return
    const others = [...sockets].filter((other) => other !== socket)
    const silent = others.find((other) => other.bytesRead === 0)
    const leaving = silent ?? socket
    sockets.delete(leaving)
    leaving.destroy()
  })
  return {
    /** Closes connections that have sent nothing. */
    dropSilent(): void {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}

/**
 * How many connections the daemon holds. When one comes too many, the oldest that has not said
 * anything yet makes room: somebody who opens connections and keeps silent must not shut out the
 * page on the door's own screen. Where all have spoken, the newcomer goes.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface Connections {
  /** Those on which nothing has been said. */
  dropSilent(): void
}

export function boundConnections(server: Server, atMost: number): Connections {
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
    dropSilent() {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}

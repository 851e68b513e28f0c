/** Where a server of ours listens, once it does. */
import type { Server } from 'node:http'

export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

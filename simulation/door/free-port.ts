/** Finds a free port: the requested one if possible. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * For "any port" and for outgoing connections, systems use ports from 32768 (Linux) or 49152 (others).
 * A port below is not taken by chance in the seconds between this check and its use.
 */
const given = { from: 20_000, below: 32_768 }
const triesAtMost = 20

/** Never returned twice by one process. */
const picked = new Set<number>()

/** Another program could still take the port before it is used. */
export async function freePort(wanted: number): Promise<number> {
  const first = wanted === 0 ? null : await tryPort(wanted)
  if (first !== null) return first
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const port = randomInt(given.from, given.below)
    if (picked.has(port) || (await tryPort(port)) === null) continue
    picked.add(port)
    return port
  }
  return (await tryPort(0)) ?? wanted
}

function tryPort(port: number): Promise<number | null> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const found = typeof address === 'object' && address ? address.port : null
      server.close(() => resolve(found))
    })
  })
}

/** A port of this machine that nobody uses: the wanted one if possible. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Systems give whoever asks for any port, or calls somebody, one from 32768 on (Linux) or 49152 on
 * (the others). Below that nobody gets one by chance between this look and its use, which may be
 * seconds later.
 */
const given = { from: 20_000, below: 32_768 }
const triesAtMost = 20

/** Of those that were picked here a moment ago none is picked again. */
const picked = new Set<number>()

/** Another program could still take it before it is used; whoever uses it will say so. */
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

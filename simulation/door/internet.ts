/**
 * The door's way to the internet for uploads, besides its connection for messages. It can be cut, and
 * it exists before the cloud that it leads to.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type DoorInternet = Awaited<ReturnType<typeof startDoorInternet>>

export async function startDoorInternet() {
  let target: URL | null = null
  let isCut = false
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (caller) => {
    if (target === null || isCut) return void caller.resetAndDestroy()
    const called = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
    caller.pipe(called).pipe(caller)
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      open.add(one)
      one.on('error', () => {}) // 'close' follows.
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  const hangUp = () => {
    for (const socket of open) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    leadTo(url: string): void {
      target = new URL(url)
    },
    cut(now: boolean): void {
      isCut = now
      if (isCut) hangUp()
    },
    async close() {
      hangUp()
      server.close()
      await once(server, 'close')
    },
  }
}

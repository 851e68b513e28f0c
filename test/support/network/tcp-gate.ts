/** A network of one wire: what comes back through it can be held, and the wire can be cut. */
import { connect, createServer, type Server, type Socket } from 'node:net'

interface Target {
  readonly host: string
  readonly port: number
}

export interface TcpGate {
  readonly port: number
  callers(): number
  /** What the called side says is kept until it may pass. */
  hold(hold: boolean): void
  cut(): void
  restore(): void
  close(): Promise<void>
}

export async function tcpGate({ host, port }: Target): Promise<TcpGate> {
  const calls = new Map<Socket, Socket>()
  const held: (() => void)[] = []
  let holding = false
  let isCut = false

  function take(caller: Socket): void {
    if (isCut) return void caller.resetAndDestroy()
    const called = connect({ host, port, noDelay: true })
    calls.set(caller, called)
    join(caller, called)
    join(called, caller)
    caller.on('data', (chunk) => called.write(chunk))
    called.on('data', (chunk) => {
      if (holding) held.push(() => caller.write(chunk))
      else caller.write(chunk)
    })
  }

  function join(from: Socket, to: Socket): void {
    from.on('error', () => {}) // 'close' follows, and says all that matters.
    from.on('close', () => {
      to.destroy()
      calls.delete(from)
    })
  }

  const hangUp = () => {
    for (const [caller, called] of calls) {
      caller.destroy()
      called.destroy()
    }
    calls.clear()
  }

  const server: Server = createServer({ noDelay: true }, take)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    callers: () => calls.size,
    hold(hold) {
      holding = hold
      if (!hold) for (const pass of held.splice(0)) pass()
    },
    cut() {
      isCut = true
      hangUp()
    },
    restore() {
      isCut = false
    },
    async close() {
      hangUp()
      await new Promise<void>((closed) => server.close(() => closed()))
    },
  }
}

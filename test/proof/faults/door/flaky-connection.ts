/**
 * An unreliable network between door and cloud: a connection can lose messages and acknowledgements
 * for a while before either side notices.
 */
import { connect, createServer, type Socket } from 'node:net'

export interface FlakyConnection {
  readonly port: number
  /** Connections stay open, but nothing arrives. */
  swallow(): void
  /** Closes all connections and refuses new ones. */
  cut(): void
  restore(): void
  isUp(): boolean
  close(): Promise<void>
}

interface Call {
  readonly ends: readonly Socket[]
  /** Has lost bytes, so later ones must not arrive either. */
  torn: boolean
}

export async function flakyConnection(cloudPort: number): Promise<FlakyConnection> {
  const calls = new Set<Call>()
  let carries: 'everything' | 'nothing' | 'no-connection' = 'everything'

  const server = createServer({ noDelay: true }, (caller) => {
    caller.on('error', () => {})
    if (carries === 'no-connection') return void caller.destroy()
    const cloud = connect({ host: '127.0.0.1', port: cloudPort, noDelay: true })
    const call: Call = { ends: [caller, cloud], torn: carries === 'nothing' }
    calls.add(call)
    join(call, caller, cloud)
    join(call, cloud, caller)
  })

  function join(call: Call, from: Socket, to: Socket): void {
    from.on('error', () => {}) // 'close' follows.
    from.on('data', (chunk) => {
      call.torn ||= carries !== 'everything'
      if (!call.torn) to.write(chunk)
    })
    // What was sent just before the end still arrives.
    from.on('end', () => to.end())
    from.on('close', () => {
      to.destroySoon()
      calls.delete(call)
    })
  }

  function hangUp(which: (call: Call) => boolean): void {
    for (const call of [...calls].filter(which)) for (const end of call.ends) end.destroy()
  }

  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', listening)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    swallow() {
      if (carries === 'everything') carries = 'nothing'
    },
    cut() {
      carries = 'no-connection'
      hangUp(() => true)
    },
    restore() {
      carries = 'everything'
      hangUp(({ torn }) => torn)
    },
    isUp: () => carries === 'everything',
    async close() {
      carries = 'no-connection'
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      hangUp(() => true)
      await closed
    },
  }
}

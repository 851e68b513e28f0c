/**
 * The network between door and cloud, as bad as networks are: before it is noticed that a line is
 * dead, what is said on it goes nowhere for a while, and so do the acknowledgements.
 */
import { connect, createServer, type Socket } from 'node:net'

export interface FlakyLine {
  readonly port: number
  /** Callers are still connected, but nothing that anybody says arrives. */
  swallow(): void
  /** Nobody is connected any more, or can be. */
  cut(): void
  restore(): void
  isUp(): boolean
  close(): Promise<void>
}

interface Call {
  readonly ends: readonly Socket[]
  /** Has lost something: half a line must not be continued by the next one. */
  torn: boolean
}

export async function flakyLine(cloudPort: number): Promise<FlakyLine> {
  const calls = new Set<Call>()
  let carries: 'everything' | 'nothing' | 'nobody' = 'everything'

  const server = createServer({ noDelay: true }, (caller) => {
    caller.on('error', () => {})
    if (carries === 'nobody') return void caller.destroy()
    const cloud = connect({ host: '127.0.0.1', port: cloudPort, noDelay: true })
    const call: Call = { ends: [caller, cloud], torn: carries === 'nothing' }
    calls.add(call)
    join(call, caller, cloud)
    join(call, cloud, caller)
  })

  function join(call: Call, from: Socket, to: Socket): void {
    from.on('error', () => {}) // 'close' follows, and says all that matters.
    from.on('data', (chunk) => {
      call.torn ||= carries !== 'everything'
      if (!call.torn) to.write(chunk)
    })
    // What was said just before a goodbye is still carried.
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
      carries = 'nobody'
      hangUp(() => true)
    },
    restore() {
      carries = 'everything'
      hangUp(({ torn }) => torn)
    },
    isUp: () => carries === 'everything',
    async close() {
      carries = 'nobody'
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      hangUp(() => true)
      await closed
    },
  }
}

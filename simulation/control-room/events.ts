/** Tells every open control room how things are, as server-sent events. */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

const reconnectAfterMs = 500
/** A connection on which nothing moves for long is taken for dead. */
const heartbeatMs = 15_000

export interface ControlEvents {
  /** However much changes at once, the pages are told once. */
  changed(): void
  attach(reply: FastifyReply): void
  close(): void
}

export function controlEvents(state: () => object): ControlEvents {
  const watchers = new Set<ServerResponse>()
  let told = true

  const tell = (watcher: ServerResponse) => {
    // A page that reads slowly is told again when it has caught up.
    if (!watcher.writableNeedDrain) {
      watcher.write(`event: state\ndata: ${JSON.stringify(state())}\n\n`)
    }
  }
  const tellAll = () => {
    told = true
    for (const watcher of watchers) tell(watcher)
  }
  const heartbeat = setInterval(() => {
    for (const watcher of watchers) watcher.write(': still here\n\n')
  }, heartbeatMs).unref()

  return {
    changed() {
      if (told) setImmediate(tellAll)
      told = false
    },
    attach(reply) {
      const watcher = reply.raw
      reply.headers({ 'content-type': 'text/event-stream', connection: 'close' }).hijack()
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) watcher.setHeader(name, value)
      }
      watchers.add(watcher)
      watcher.on('drain', () => tell(watcher))
      watcher.on('error', () => {}) // 'close' follows.
      watcher.on('close', () => watchers.delete(watcher))
      watcher.write(`retry: ${reconnectAfterMs}\n\n`)
      tell(watcher)
    },
    close() {
      clearInterval(heartbeat)
      for (const watcher of watchers) watcher.end()
    },
  }
}

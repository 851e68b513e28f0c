/** Sends the state to every open control room as server-sent events. */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

const reconnectAfterMs = 500
/** A connection without data for long counts as dead. */
const heartbeatMs = 15_000

export function controlEvents(state: () => object) {
  const watchers = new Set<ServerResponse>()
  let isSent = true

  const send = (watcher: ServerResponse) => {
    // A page that reads slowly gets the state when it has caught up.
    if (!watcher.writableNeedDrain) {
      watcher.write(`event: state\ndata: ${JSON.stringify(state())}\n\n`)
    }
  }
  const sendAll = () => {
    isSent = true
    for (const watcher of watchers) send(watcher)
  }
  const heartbeat = setInterval(() => {
    for (const watcher of watchers) watcher.write(': still here\n\n')
  }, heartbeatMs).unref()

  return {
    /** Changes in quick succession are sent once. */
    changed(): void {
      if (isSent) setImmediate(sendAll)
      isSent = false
    },
    attach(reply: FastifyReply): void {
      const watcher = reply.raw
      reply.headers({ 'content-type': 'text/event-stream', connection: 'close' }).hijack()
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) watcher.setHeader(name, value)
      }
      watchers.add(watcher)
      watcher.on('drain', () => send(watcher))
      watcher.on('error', () => {}) // 'close' follows.
      watcher.on('close', () => watchers.delete(watcher))
      watcher.write(`retry: ${reconnectAfterMs}\n\n`)
      send(watcher)
    },
    close() {
      clearInterval(heartbeat)
      for (const watcher of watchers) watcher.end()
    },
  }
}

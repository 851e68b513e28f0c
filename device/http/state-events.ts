/** Sends the door's state to every watching page. Each event is complete, so a page may miss some. */
import type { ServerResponse } from 'node:http'
import type { KeypadState } from '../../protocol/keypad-api.ts'
import type { HttpLimits } from './limits.ts'

const reconnectAfterMs = 500

export function stateEvents(
  watch: (listener: (state: KeypadState) => void) => () => void,
  { watchers: most, heartbeatMs }: Pick<HttpLimits, 'watchers' | 'heartbeatMs'>,
) {
  const watchers = new Set<ServerResponse>()

  const drop = (watcher: ServerResponse): void => {
    watchers.delete(watcher)
    watcher.destroy()
  }
  const send = (watcher: ServerResponse, text: string): void => {
    // False: the page reads too slowly. It reconnects and gets the state of that moment, so the
    // backlog need not stay in memory.
    if (!watcher.write(text)) drop(watcher)
  }
  const sendAll = (text: string): void => {
    for (const watcher of watchers) send(watcher, text)
  }

  const unwatch = watch((state) => {
    if (watchers.size > 0) sendAll(eventText(state))
  })
  // Pages ignore the comment. Writing it detects dead connections.
  const heartbeat = setInterval(() => sendAll(': still here\n\n'), heartbeatMs).unref()

  return {
    hasRoom: () => watchers.size < most,
    /** Takes over a response whose headers have been set. */
    attach(response: ServerResponse, state: KeypadState): void {
      watchers.add(response)
      response.on('close', () => watchers.delete(response))
      response.on('error', () => drop(response))
      send(response, `retry: ${reconnectAfterMs}\n\n${eventText(state)}`)
    },
    close(): void {
      unwatch()
      clearInterval(heartbeat)
      for (const watcher of watchers) watcher.end()
    },
  }
}

const eventText = (state: KeypadState): string => `event: state\ndata: ${JSON.stringify(state)}\n\n`

/** The door's state to every page that watches, whole each time, so that nobody has to catch up. */
import type { ServerResponse } from 'node:http'
import type { KeypadState } from '../../protocol/keypad-api.ts'
import type { HttpLimits } from './limits.ts'

export interface StateEvents {
  hasRoom(): boolean
  /** Takes over a response whose headers have been set. */
  attach(response: ServerResponse, state: KeypadState): void
  close(): void
}

const reconnectAfterMs = 500

export function stateEvents(
  watch: (listener: (state: KeypadState) => void) => () => void,
  { watchers: most, heartbeatMs }: Pick<HttpLimits, 'watchers' | 'heartbeatMs'>,
): StateEvents {
  const watchers = new Set<ServerResponse>()

  const drop = (watcher: ServerResponse): void => {
    watchers.delete(watcher)
    watcher.destroy()
  }
  const tell = (watcher: ServerResponse, text: string): void => {
    // False means that the page reads slower than the door speaks. It is better off with a new
    // connection and the state of that moment than with a backlog kept in our memory.
    if (!watcher.write(text)) drop(watcher)
  }
  const tellAll = (text: string): void => {
    for (const watcher of watchers) tell(watcher, text)
  }

  const unwatch = watch((state) => {
    if (watchers.size > 0) tellAll(eventText(state))
  })
  // The comment goes nowhere on the page; it finds connections that died without a word.
  const heartbeat = setInterval(() => tellAll(': still here\n\n'), heartbeatMs).unref()

  return {
    hasRoom: () => watchers.size < most,
    attach(response, state) {
      watchers.add(response)
      response.on('close', () => watchers.delete(response))
      response.on('error', () => drop(response))
      tell(response, `retry: ${reconnectAfterMs}\n\n${eventText(state)}`)
    },
    close() {
      unwatch()
      clearInterval(heartbeat)
      for (const watcher of watchers) watcher.end()
    },
  }
}

const eventText = (state: KeypadState): string => `event: state\ndata: ${JSON.stringify(state)}\n\n`

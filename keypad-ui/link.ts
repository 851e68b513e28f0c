/** The page's end of the line to the daemon, which is meant to be restarted at any moment. */
import type { CodeAnswer, KeypadState } from '../protocol/keypad-api.ts'
import { readAnswer, readState } from './wire.ts'

export interface LinkListener {
  state(state: KeypadState): void
  lost(): void
  /** The daemon speaks, but not the way this page was made for. */
  notUnderstood(): void
}

/**
 * The browser's own reconnecting gives up on some errors and waits too long after others, so every
 * connection here is a new one. The daemon is on this very machine: asking often costs nothing.
 */
const reconnectAfterMs = 500
const firstStateWithinMs = 5_000
const answerWithinMs = 8_000

export function followDoor(listener: LinkListener): void {
  const events = new EventSource('/api/events')
  const again = () => {
    clearTimeout(deadline)
    events.close()
    listener.lost()
    setTimeout(() => followDoor(listener), reconnectAfterMs)
  }
  const deadline = setTimeout(again, firstStateWithinMs)
  events.addEventListener('error', again)
  events.addEventListener('state', ({ data }) => {
    clearTimeout(deadline)
    const state = readState(String(data))
    if (state) return listener.state(state)
    again()
    listener.notUnderstood()
  })
}

/** `null` if there is no answer to speak of: then nobody knows whether the code is still good. */
export async function sendCode(code: string): Promise<CodeAnswer | null> {
  try {
    const response = await post('/api/code', { code })
    return readAnswer(await response.text())
  } catch {
    return null
  }
}

/** Whether it rang. */
export async function ringBell(): Promise<boolean> {
  try {
    const response = await post('/api/bell', {})
    return response.ok
  } catch {
    return false
  }
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerWithinMs),
  })

/** The page's connection to the daemon, which may restart at any time. */
import type { CodeAnswer, KeypadState } from '../protocol/keypad-api.ts'
import { readAnswer, readState } from './wire.ts'

interface LinkListener {
  state(state: KeypadState): void
  lost(): void
  /** The daemon sends messages of another version. */
  notUnderstood(): void
}

/**
 * The browser's own reconnection gives up after some errors and waits too long after others, so the
 * page makes a new connection each time. The daemon runs on the same machine, so this is cheap.
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

/** `null` without a valid answer: then it is unknown whether the code was used. */
export async function sendCode(code: string): Promise<CodeAnswer | null> {
  try {
    const response = await post('/api/code', { code })
    return readAnswer(await response.text())
  } catch {
    return null
  }
}

/** Whether the bell rang. */
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

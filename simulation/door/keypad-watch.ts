/** Reads the keypad of a running daemon as its page does, and types codes. */
import {
  type CodeAnswer,
  codeAnswerSchema,
  type KeypadState,
  keypadStateSchema,
} from '../../protocol/keypad-api.ts'

export type KeypadWatch = ReturnType<typeof watchKeypad>

const againAfterMs = 100

export function watchKeypad(
  url: string,
  nowMs: () => number,
  changed: (state: KeypadState | null) => void,
) {
  const closing = new AbortController()
  const { signal } = closing
  let state: KeypadState | null = null
  let pausedUntilMs: number | null = null
  const update = (now: KeypadState | null) => {
    if (now === null && state === null) return
    state = now
    pausedUntilMs = now && now.pausedForMs > 0 ? nowMs() + now.pausedForMs : null
    changed(now)
  }

  const watch = async () => {
    while (!signal.aborted) {
      await readEvents(`${url}/api/events`, signal, update).catch(() => {})
      update(null)
      await new Promise((passed) => setTimeout(passed, againAfterMs))
    }
  }
  void watch()

  return {
    /** Null while no daemon answers. */
    state: () => state,
    /** By the clock of the watcher; null while the keypad is not paused. */
    pausedUntilMs: () => pausedUntilMs,
    /** Null if no daemon answers, or it cannot check codes now. */
    async press(code: string): Promise<CodeAnswer | null> {
      const answer = await postJson(`${url}/api/code`, { code }).catch(() => null)
      const body: unknown = await answer?.json().catch(() => null)
      return codeAnswerSchema.safeParse(body).data ?? null
    },
    close: () => closing.abort(),
  }
}

async function readEvents(
  url: string,
  signal: AbortSignal,
  update: (state: KeypadState) => void,
): Promise<void> {
  const { body } = await fetch(url, { signal })
  if (!body) return
  let unread = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const lines = (unread + piece).split('\n')
    unread = lines.pop() ?? ''
    for (const line of lines) {
      const read =
        line.startsWith('data: ') && keypadStateSchema.safeParse(JSON.parse(line.slice(6)))
      if (read !== false && read.success) update(read.data)
    }
  }
}

export const postJson = (url: string, body: object, headers = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

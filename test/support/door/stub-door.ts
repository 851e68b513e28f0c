/** A door for tests of the HTTP side: says what it is told to say and remembers what it was asked. */
import type { KeypadDoor } from '../../../device/http/keypad-app.ts'
import type { CodeAnswer, KeypadState } from '../../../protocol/keypad-api.ts'

export interface StubDoor extends KeypadDoor {
  readonly codes: readonly string[]
  readonly rings: () => number
  readonly watchers: () => number
  /** Changes the state and tells all who watch. */
  say(change: Partial<KeypadState>): void
}

export const denied: CodeAnswer = { outcome: 'denied', pausedForMs: 0 }

export const idleState: KeypadState = {
  doorName: 'Front door',
  language: 'en',
  digits: 8,
  lock: 'locked',
  keypad: 'ready',
  pausedForMs: 0,
  online: true,
  visit: null,
  scan: null,
  options: { shuffle: false, longPress: false, speech: false },
}

export function stubDoor(answers: Partial<KeypadDoor> = {}): StubDoor {
  const codes: string[] = []
  const listeners = new Set<(state: KeypadState) => void>()
  let rings = 0
  let state = idleState
  return {
    keypadState: () => state,
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    health: () => ({ ok: true, problems: [] }),
    metrics: () => [],
    ...answers,
    async enterCode(code) {
      codes.push(code)
      return answers.enterCode?.(code) ?? denied
    },
    async ringBell() {
      rings += 1
      await answers.ringBell?.()
    },
    codes,
    rings: () => rings,
    watchers: () => listeners.size,
    say(change) {
      state = { ...state, ...change }
      for (const listener of listeners) listener(state)
    },
  }
}

/** Which keypads show the page now: the door's own screen, and tablets. */
import type { ServerResponse } from 'node:http'

/** The keypad on the door's own screen. */
export const ownScreen = 'own-screen'

export class KeypadPages {
  readonly #streams = new Map<string, Set<ServerResponse>>()

  /** Above the limit the oldest stream of this keypad is closed. */
  add(keypad: string, stream: ServerResponse, atMost: number): void {
    const streams = this.#streams.get(keypad) ?? new Set()
    this.#streams.set(keypad, streams)
    streams.add(stream)
    stream.on('close', () => {
      streams.delete(stream)
      if (streams.size === 0 && this.#streams.get(keypad) === streams) this.#streams.delete(keypad)
    })
    const [oldest] = streams
    if (streams.size > atMost) oldest?.destroy()
  }

  hasOthersThan = (keypad: string): boolean => {
    for (const other of this.#streams.keys()) if (other !== keypad) return true
    return false
  }
}

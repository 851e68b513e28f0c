/** What the keypad page and monitoring see. Another daemon can take over while pages stay connected. */
import type { KeypadState } from '../../protocol/keypad-api.ts'
import type { KeypadDoor } from '../http/keypad-app.ts'

export class DoorFront implements KeypadDoor {
  readonly #watchers = new Set<(state: KeypadState) => void>()
  #door: KeypadDoor
  #endWatch: () => void

  constructor(door: KeypadDoor) {
    this.#door = door
    this.#endWatch = this.#watchDoor()
  }

  /** Call it before the door starts: its first event updates the pages. */
  use(door: KeypadDoor): void {
    this.#endWatch()
    this.#door = door
    this.#endWatch = this.#watchDoor()
  }

  enterCode = (code: string) => this.#door.enterCode(code)
  ringBell = () => this.#door.ringBell()
  keypadState = () => this.#door.keypadState()
  health = () => this.#door.health()
  metrics = () => this.#door.metrics()

  watch(watcher: (state: KeypadState) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  #watchDoor = () =>
    this.#door.watch((state) => {
      for (const watcher of this.#watchers) watcher(state)
    })
}

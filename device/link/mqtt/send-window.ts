/** Bounds how many messages wait for their acknowledgement. The others wait here, in order. */

interface Message {
  readonly send: () => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class SendWindow {
  readonly #maxInFlight: number
  readonly #maxWaiting: number
  readonly #inFlight = new Set<Message>()
  #waiting: Message[] = []

  constructor(maxInFlight: number, maxWaiting: number) {
    this.#maxInFlight = maxInFlight
    this.#maxWaiting = maxWaiting
  }

  /** Sends as soon as there is room. Rejects when too many wait, since the outbox is on the disk. */
  send(send: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= this.#maxWaiting) {
        return reject(new Error('Too many messages are waiting.'))
      }
      this.#waiting.push({ send, resolve, reject })
      this.#fill()
    })
  }

  /** Rejects every message, whatever the outcome of those in flight. */
  rejectAll(error: Error): void {
    const all = [...this.#inFlight, ...this.#waiting]
    this.#inFlight.clear()
    this.#waiting = []
    for (const { reject } of all) reject(error)
  }

  #fill(): void {
    while (this.#inFlight.size < this.#maxInFlight) {
      const message = this.#waiting.shift()
      if (!message) return
      this.#inFlight.add(message)
      message.send().then(
        () => this.#settle(message, message.resolve),
        (error: unknown) => this.#settle(message, () => message.reject(error)),
      )
    }
  }

  #settle(message: Message, settle: () => void): void {
    // Otherwise it was rejected before.
    if (!this.#inFlight.delete(message)) return
    settle()
    this.#fill()
  }
}

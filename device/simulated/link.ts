/** The link to a simulated cloud. Without one the door is offline, and keeps working. */
import * as z from 'zod/mini'
import type { CloudLink, CloudListener } from '../daemon/ports.ts'
import { connectJson, type JsonConnection } from './json-connection.ts'
import {
  type FromDoor,
  helloFor,
  maxCloudMessageLength,
  type SimulatorAddress,
  toDoorSchema,
} from './messages.ts'

class LinkDown extends Error {
  override readonly name = 'LinkDown'
  readonly code = 'LINK_DOWN'
}

interface Unacknowledged {
  readonly resolve: () => void
  readonly reject: (error: LinkDown) => void
}

export class SimulatedLink implements CloudLink {
  readonly #address: SimulatorAddress
  readonly #invalid: () => void
  readonly #unacknowledged = new Map<number, Unacknowledged>()
  #connection: JsonConnection | null = null
  #listener: CloudListener | null = null
  #isOnline = false
  #lastNumber = 0

  constructor(address: SimulatorAddress, invalid = () => {}) {
    this.#address = address
    this.#invalid = invalid
  }

  start(listener: CloudListener): void {
    this.#listener = listener
    this.#connection = connectJson({
      port: this.#address.port,
      hello: helloFor(this.#address),
      maxLength: maxCloudMessageLength,
      invalid: this.#invalid,
      up: (up) => {
        if (!up) this.#setOnline(false)
      },
      value: (value) => this.#receive(value),
    })
  }

  publish(topic: string, text: string): Promise<void> {
    const n = ++this.#lastNumber
    const message: FromDoor = { n, topic, text }
    if (!this.#isOnline || !this.#connection?.send(message)) {
      return Promise.reject(new LinkDown('The simulated cloud is not reachable.'))
    }
    return new Promise((resolve, reject) => this.#unacknowledged.set(n, { resolve, reject }))
  }

  async stop(): Promise<void> {
    this.#listener = null
    this.#isOnline = false
    this.#rejectAll('The door is stopping.')
    await this.#connection?.close()
  }

  #receive(value: unknown): void {
    const { success, data: message } = z.safeParse(toDoorSchema, value)
    if (!success) this.#invalid()
    else if ('welcome' in message) this.#setOnline(true)
    else if ('text' in message) this.#listener?.message(message.topic, Buffer.from(message.text))
    else {
      this.#unacknowledged.get(message.ack)?.resolve()
      this.#unacknowledged.delete(message.ack)
    }
  }

  #setOnline(online: boolean): void {
    if (online === this.#isOnline) return
    this.#isOnline = online
    if (!online) this.#rejectAll('The connection dropped before the acknowledgement.')
    this.#listener?.online(online)
  }

  #rejectAll(why: string): void {
    const all = [...this.#unacknowledged.values()]
    this.#unacknowledged.clear()
    for (const { reject } of all) reject(new LinkDown(why))
  }
}

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

export function simulatedLink(address: SimulatorAddress, invalid = () => {}): CloudLink {
  const unacknowledged = new Map<number, Unacknowledged>()
  let connection: JsonConnection | null = null
  let listener: CloudListener | null = null
  let online = false
  let lastNumber = 0

  function setOnline(now: boolean): void {
    if (now === online) return
    online = now
    if (!now) rejectAll('The connection dropped before the acknowledgement.')
    listener?.online(now)
  }

  function rejectAll(why: string): void {
    const all = [...unacknowledged.values()]
    unacknowledged.clear()
    for (const { reject } of all) reject(new LinkDown(why))
  }

  function receive(value: unknown): void {
    const { success, data: message } = z.safeParse(toDoorSchema, value)
    if (!success) invalid()
    else if ('welcome' in message) setOnline(true)
    else if ('text' in message) listener?.message(message.topic, Buffer.from(message.text))
    else {
      unacknowledged.get(message.ack)?.resolve()
      unacknowledged.delete(message.ack)
    }
  }

  return {
    start(to) {
      listener = to
      connection = connectJson({
        port: address.port,
        hello: helloFor(address),
        maxLength: maxCloudMessageLength,
        invalid,
        up(up) {
          if (!up) setOnline(false)
        },
        value: receive,
      })
    },

    publish(topic, text) {
      const n = ++lastNumber
      const message: FromDoor = { n, topic, text }
      if (!online || !connection?.send(message)) {
        return Promise.reject(new LinkDown('The simulated cloud is not reachable.'))
      }
      return new Promise((resolve, reject) => unacknowledged.set(n, { resolve, reject }))
    },

    async stop() {
      listener = null
      online = false
      rejectAll('The door is stopping.')
      await connection?.close()
    },
  }
}

/** The line to a simulated cloud. Where none listens the door is offline, and goes on working. */
import * as z from 'zod/mini'
import type { CloudLink, CloudListener } from '../daemon/ports.ts'
import { connectJsonLine, type JsonLine } from './json-lines.ts'
import {
  type FarEnd,
  type FromDoor,
  helloTo,
  longestLinkLineBytes,
  type ToDoor,
  toDoorSchema,
} from './messages.ts'

export class LinkDown extends Error {
  override readonly name = 'LinkDown'
  readonly code = 'LINK_DOWN'
}

interface Waiting {
  readonly taken: () => void
  readonly lost: (fault: LinkDown) => void
}

export function simulatedLink(end: FarEnd, garbage: () => void = () => {}): CloudLink {
  const waiting = new Map<number, Waiting>()
  let line: JsonLine | null = null
  let listener: CloudListener | null = null
  let online = false
  let lastNumber = 0

  function setOnline(now: boolean): void {
    if (now === online) return
    online = now
    if (!now) loseWaiting('The line dropped before the message was acknowledged.')
    listener?.online(now)
  }

  function loseWaiting(why: string): void {
    const lost = [...waiting.values()]
    waiting.clear()
    for (const message of lost) message.lost(new LinkDown(why))
  }

  function hear(heard: ToDoor): void {
    if ('welcome' in heard) setOnline(true)
    else if ('text' in heard) listener?.message(heard.topic, heard.text)
    else {
      waiting.get(heard.ack)?.taken()
      waiting.delete(heard.ack)
    }
  }

  return {
    start(to) {
      listener = to
      line = connectJsonLine({
        port: end.port,
        hello: helloTo(end),
        longestLineBytes: longestLinkLineBytes,
        garbage,
        up(up) {
          if (!up) setOnline(false)
        },
        value(value) {
          const { success, data } = z.safeParse(toDoorSchema, value)
          if (success) hear(data)
          else garbage()
        },
      })
    },

    publish(topic, text) {
      const n = ++lastNumber
      const message: FromDoor = { n, topic, text }
      if (!online || !line?.send(message)) {
        return Promise.reject(new LinkDown('The simulated cloud is not reachable.'))
      }
      return new Promise((taken, lost) => waiting.set(n, { taken, lost }))
    },

    async stop() {
      listener = null
      online = false
      loseWaiting('The door is stopping.')
      await line?.close()
    },
  }
}

/** Relays the door's messages to the cloud. Messages wait until the cloud has started. */
import { type DoorMessage, parseDoorMessage } from '../../protocol/messages/door.ts'

interface Listener {
  /** Called once for each message, in the order of their first arrival. */
  received(message: DoorMessage): void
  unreadable(): void
  /** Called each time that a message arrives. */
  publish(topic: string, text: string): Promise<void>
}

export interface DoorMessageRelay {
  receive(topic: string, text: string): void
  listen(listener: Listener): void
  /** Sequence numbers of the door's log that have not arrived, up to the highest that has. */
  missing(): readonly number[]
  /** Resolves when every received message was handled once. */
  idle(): Promise<void>
  isBusy(): boolean
  /** Counts other work on its way to the cloud as busy, too. */
  alsoBusyWith(work: Promise<void>): void
}

const mostRemembered = 5_000

export function openDoorMessageRelay(): DoorMessageRelay {
  const onTheWay = new Set<Promise<void>>()
  const known = new Set<string>()
  const early: (readonly [topic: string, text: string])[] = []
  let listener: Listener | null = null
  let complete = 0
  const beyond = new Set<number>()
  const count = (seq: number) => {
    beyond.add(seq)
    if (seq <= complete) beyond.delete(seq)
    while (beyond.delete(complete + 1)) complete += 1
  }

  const busyWith = (work: Promise<void>) => {
    onTheWay.add(work)
    void work.finally(() => onTheWay.delete(work))
  }
  const isNew = ({ id }: DoorMessage): boolean => {
    if (known.has(id)) return false
    known.add(id)
    if (known.size > mostRemembered) known.delete(known.values().next().value ?? '')
    return true
  }
  const receive = (topic: string, text: string) => {
    if (!listener) return void early.push([topic, text])
    const parsed = parseDoorMessage(text)
    if (parsed.ok) {
      count(parsed.message.seq)
      if (isNew(parsed.message)) listener.received(parsed.message)
    } else listener.unreadable()
    busyWith(listener.publish(topic, text))
  }

  return {
    receive,
    listen(to) {
      listener = to
      for (const [topic, text] of early.splice(0)) receive(topic, text)
    },
    missing: () => missingSince(complete, beyond),
    idle: async () => void (await Promise.all(onTheWay)),
    isBusy: () => onTheWay.size > 0,
    alsoBusyWith: busyWith,
  }
}

function missingSince(complete: number, beyond: ReadonlySet<number>): readonly number[] {
  const highest = Math.max(complete, ...beyond)
  const all = Array.from({ length: highest - complete }, (_, nth) => complete + 1 + nth)
  return all.filter((seq) => !beyond.has(seq))
}

/**
 * Relays the door's messages to the cloud. Messages wait until the cloud has started. As the IoT rule
 * does, the relay tries again until the function has taken the message.
 */
import { type DoorMessage, parseDoorMessage } from '../../protocol/messages/door.ts'

interface Listener {
  /** Called once for each message, in the order of their first arrival. */
  received(message: DoorMessage): void
  unreadable(): void
  /** Called each time that a message arrives. */
  take(message: DoorMessage): Promise<void>
}

export interface DoorMessageRelay {
  receive(text: string): void
  listen(listener: Listener): void
  /** How many messages the relay gave up on. */
  lost(): number
  /** Sequence numbers of the door's log that have not arrived, up to the highest that has. */
  missing(): readonly number[]
  /** Resolves when every received message has been taken. */
  idle(): Promise<void>
  isBusy(): boolean
  /** Ends all further tries. */
  stop(): void
  /** Counts other work on its way to the cloud as busy, too. */
  alsoBusyWith(work: Promise<void>): void
}

const againAfterMs = 250
const triesAtMost = 200
const mostRemembered = 5_000

export function openDoorMessageRelay(): DoorMessageRelay {
  const onTheWay = new Set<Promise<void>>()
  const known = new Set<string>()
  const early: string[] = []
  let listener: Listener | null = null
  let lost = 0
  let stopped = false
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
  const receive = (text: string) => {
    if (!listener) return void early.push(text)
    const parsed = parseDoorMessage(text)
    if (!parsed.ok) return listener.unreadable()
    const { message } = parsed
    count(message.seq)
    if (isNew(message)) listener.received(message)
    busyWith(untilTaken(listener, message))
  }
  /** In real time, not simulated time: it waits for a service that does not answer now. */
  const untilTaken = async ({ take }: Listener, message: DoorMessage) => {
    for (let nth = 1; nth <= triesAtMost && !stopped; nth += 1) {
      const isTaken = await take(message).then(
        () => true,
        () => false,
      )
      if (isTaken) return
      await new Promise((passed) => setTimeout(passed, againAfterMs))
    }
    lost += 1
  }

  return {
    receive,
    listen(to) {
      listener = to
      for (const text of early.splice(0)) receive(text)
    },
    lost: () => lost,
    missing: () => missingSince(complete, beyond),
    idle: async () => void (await Promise.all(onTheWay)),
    stop() {
      stopped = true
    },
    isBusy: () => onTheWay.size > 0,
    alsoBusyWith: busyWith,
  }
}

function missingSince(complete: number, beyond: ReadonlySet<number>): readonly number[] {
  const highest = Math.max(complete, ...beyond)
  const all = Array.from({ length: highest - complete }, (_, nth) => complete + 1 + nth)
  return all.filter((seq) => !beyond.has(seq))
}

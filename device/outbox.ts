/**
 * Carries the log to the cloud. A row leaves the outbox only after the other side has taken it
 * over, and even that is written down only along with the next decision: a row that is sent twice
 * does no harm, an extra write for every row would.
 */
import { eventTopic } from '../protocol/topics.ts'
import type { LogRow } from './core/log-chain.ts'
import type { Clock, CloudLink, Store } from './ports.ts'

const windowSize = 50
const retryAfterMs = 1_000
/** A line that stays up but swallows acknowledgements must not stop everything behind them. */
const acknowledgedWithinMs = 30_000

export interface OutboxDeps {
  readonly doorId: string
  readonly store: Store
  readonly link: CloudLink
  readonly clock: Clock
}

export type Outbox = ReturnType<typeof createOutbox>

export function createOutbox({ doorId, store, link, clock }: OutboxDeps) {
  const onTheWay = new Set<number>()
  const acknowledged = new Set<number>()
  let online = false
  let sentUpTo = 0
  let cancelRetry = () => {}

  function fill(): void {
    if (!online || onTheWay.size >= windowSize) return
    for (const row of store.unsent(sentUpTo, windowSize - onTheWay.size)) {
      sentUpTo = row.seq
      if (!onTheWay.has(row.seq) && !acknowledged.has(row.seq)) send(row)
    }
  }

  function send({ seq, text }: LogRow): void {
    onTheWay.add(seq)
    const lost = () => {
      cancelWait()
      if (!onTheWay.delete(seq)) return
      sentUpTo = Math.min(sentUpTo, seq - 1)
      retryLater()
    }
    const cancelWait = clock.after(acknowledgedWithinMs, lost)
    link.publish(eventTopic(doorId, typeOf(text)), text).then(() => {
      cancelWait()
      onTheWay.delete(seq)
      acknowledged.add(seq)
      fill()
    }, lost)
  }

  function retryLater(): void {
    cancelRetry()
    cancelRetry = clock.after(retryAfterMs, fill)
  }

  return {
    /** There may be something new to send, or somebody to send it to. */
    nudge(isOnline: boolean): void {
      if (isOnline && !online) sentUpTo = 0
      online = isOnline
      fill()
    },
    /** What may be forgotten, once the store has been told to. */
    acknowledged: (): readonly number[] => [...acknowledged],
    forgotten(seqs: readonly number[]): void {
      for (const seq of seqs) acknowledged.delete(seq)
    },
    stop: () => cancelRetry(),
  }
}

/** The row was sealed by this door, so its text is what the topic needs and nothing else. */
function typeOf(text: string): string {
  const { type } = JSON.parse(text)
  return String(type)
}

/**
 * Sends the log to the cloud. A row leaves the outbox only after it was acknowledged, and that is
 * written down along with the next decision: sending a row twice does no harm, an extra write for
 * every row would. A fault in here must not keep the door from locking and letting people out.
 */
import { eventTopic, parseTopic } from '../../protocol/topics.ts'
import type { LogRow } from '../core/log/log-chain.ts'
import type { Faults } from './faults.ts'
import { type Clock, type CloudLink, type Log, type Store, StoreFault } from './ports.ts'

const windowSize = 50
const retryAfterMs = 1_000
/** A connection that loses acknowledgements must not stop everything behind them. */
const acknowledgedWithinMs = 30_000

export interface OutboxDeps {
  readonly doorId: string
  readonly store: Store
  readonly link: CloudLink
  readonly clock: Clock
  readonly log: Log
  readonly faults: Faults
}

export type Outbox = ReturnType<typeof createOutbox>

export function createOutbox({ doorId, store, link, clock, log, faults }: OutboxDeps) {
  const onTheWay = new Set<number>()
  const acknowledged = new Set<number>()
  let online = false
  let sentUpTo = 0
  /** What was written a moment ago. */
  let fresh: readonly LogRow[] = []
  let cancelRetry = () => {}

  function fill(): void {
    if (!online || onTheWay.size >= windowSize) return
    for (const row of freshRows() ?? unsentRows()) {
      sentUpTo = row.seq
      if (!onTheWay.has(row.seq) && !acknowledged.has(row.seq)) publish(row)
    }
  }

  /**
   * Numbers have no gaps, so what follows on what was sent is all that there is to send, and need
   * not be read back from the disk. Null where something else is waiting, too.
   */
  function freshRows(): readonly LogRow[] | null {
    const rows = fresh
    fresh = []
    const follows = rows[0]?.seq === sentUpTo + 1
    return follows && rows.length <= windowSize - onTheWay.size ? rows : null
  }

  function unsentRows(): readonly LogRow[] {
    try {
      const rows = store.unsent(sentUpTo, windowSize - onTheWay.size)
      faults.clear('sending')
      return rows
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault
      faults.report('sending', fault)
      retryLater()
      return []
    }
  }

  function publish({ seq, text }: LogRow): void {
    const topic = topicOf(doorId, text)
    if (topic === null) {
      // It stays in the log, where `verify-log` finds it, but the cloud could not use it.
      log.warn({ seq }, 'a row of the log cannot be sent')
      acknowledged.add(seq)
      return
    }
    onTheWay.add(seq)
    const lost = () => {
      cancelWait()
      if (!onTheWay.delete(seq)) return
      sentUpTo = Math.min(sentUpTo, seq - 1)
      retryLater()
    }
    const cancelWait = clock.after(acknowledgedWithinMs, lost)
    link.publish(topic, text).then(() => {
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
    /** Sends new rows at once, and everything that is left when the connection comes up. */
    send(rows: readonly LogRow[], isOnline: boolean): void {
      fresh = rows
      if (isOnline && !online) sentUpTo = 0
      online = isOnline
      fill()
    },
    /** What the next commit removes from the outbox. */
    acknowledged: (): readonly number[] => [...acknowledged],
    forgotten(seqs: readonly number[]): void {
      for (const seq of seqs) acknowledged.delete(seq)
    },
    stop: () => cancelRetry(),
  }
}

/** Null for a row that is not as this door once wrote it: its text must name its type. */
function topicOf(doorId: string, text: string): string | null {
  try {
    const { type } = JSON.parse(text)
    const topic = eventTopic(doorId, String(type))
    return parseTopic(topic) ? topic : null
  } catch {
    return null
  }
}

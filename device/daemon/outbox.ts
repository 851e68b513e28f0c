/**
 * Sends the log to the cloud. A row leaves the outbox after the cloud has acknowledged it. The next
 * commit records that, because sending a row twice is harmless and a write for each row is not. A
 * fault in here must not stop the door from locking and letting people out.
 */
import { eventTopic, parseTopic } from '../../protocol/topics.ts'
import type { LogRow } from '../core/log/log-chain.ts'
import type { Faults } from './faults.ts'
import { type Clock, type CloudLink, type Log, type Store, StoreFault } from './ports.ts'

const windowSize = 50
const retryAfterMs = 1_000
/** After this a row is sent again, so that a lost acknowledgement does not fill the window. */
const acknowledgedWithinMs = 30_000

interface OutboxDeps {
  readonly doorId: string
  readonly store: Store
  readonly link: CloudLink
  readonly clock: Clock
  readonly log: Log
  readonly faults: Faults
}

export class Outbox {
  readonly #deps: OutboxDeps
  readonly #onTheWay = new Set<number>()
  readonly #acknowledged = new Set<number>()
  #isOnline = false
  #sentUpTo = 0
  /** The rows of the last commit. */
  #fresh: readonly LogRow[] = []
  #cancelRetry = () => {}

  constructor(deps: OutboxDeps) {
    this.#deps = deps
  }

  /** Sends new rows at once, and everything that is left when the connection comes up. */
  send(rows: readonly LogRow[], isOnline: boolean): void {
    this.#fresh = rows
    if (isOnline && !this.#isOnline) this.#sentUpTo = 0
    this.#isOnline = isOnline
    this.#fill()
  }

  /** What the next commit removes from the outbox. */
  acknowledged = (): readonly number[] => [...this.#acknowledged]

  forgotten(seqs: readonly number[]): void {
    for (const seq of seqs) this.#acknowledged.delete(seq)
  }

  stop(): void {
    this.#cancelRetry()
  }

  #fill(): void {
    if (!this.#isOnline || this.#room() <= 0) return
    for (const row of this.#freshRows() ?? this.#unsentRows()) {
      this.#sentUpTo = row.seq
      if (!this.#onTheWay.has(row.seq) && !this.#acknowledged.has(row.seq)) this.#publish(row)
    }
  }

  #room = (): number => windowSize - this.#onTheWay.size

  /**
   * Sequence numbers have no gaps. If the new rows follow the last one sent, nothing else is waiting,
   * and the disk need not be read. Null otherwise.
   */
  #freshRows(): readonly LogRow[] | null {
    const rows = this.#fresh
    this.#fresh = []
    const follows = rows[0]?.seq === this.#sentUpTo + 1
    return follows && rows.length <= this.#room() ? rows : null
  }

  #unsentRows(): readonly LogRow[] {
    const { store, faults } = this.#deps
    try {
      const rows = store.unsent(this.#sentUpTo, this.#room())
      faults.clear('sending')
      return rows
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault
      faults.report('sending', fault)
      this.#retryLater()
      return []
    }
  }

  #publish({ seq, text }: LogRow): void {
    const { doorId, link, clock, log } = this.#deps
    const topic = topicOf(doorId, text)
    if (topic === null) {
      // It stays in the log, where `verify-log` finds it, but the cloud could not use it.
      log.warn({ seq }, 'a row of the log cannot be sent')
      this.#acknowledged.add(seq)
      return
    }
    this.#onTheWay.add(seq)
    const lost = () => {
      cancelWait()
      if (!this.#onTheWay.delete(seq)) return
      this.#sentUpTo = Math.min(this.#sentUpTo, seq - 1)
      this.#retryLater()
    }
    const cancelWait = clock.after(acknowledgedWithinMs, lost)
    link.publish(topic, text).then(() => {
      cancelWait()
      this.#onTheWay.delete(seq)
      this.#acknowledged.add(seq)
      this.#fill()
    }, lost)
  }

  #retryLater(): void {
    this.#cancelRetry()
    this.#cancelRetry = this.#deps.clock.after(retryAfterMs, () => this.#fill())
  }
}

/** Null for a row without a known type, which this door has not written. */
function topicOf(doorId: string, text: string): string | null {
  try {
    const { type } = JSON.parse(text)
    const topic = eventTopic(doorId, String(type))
    return parseTopic(topic) ? topic : null
  } catch {
    return null
  }
}

/** The stream of committed events. Keypad view, metrics and outbox listen to it. */
import type { DoorEvent } from '../core/door/decide.ts'
import type { DoorState } from '../core/door/state.ts'
import type { LogRow } from '../core/log/log-chain.ts'
import type { Log } from './ports.ts'

export interface CommittedEvent {
  readonly event: DoorEvent
  /** After the event. */
  readonly state: DoorState
  /** What the event added to the log: nothing if the disk failed. */
  readonly rows: readonly LogRow[]
}
type Listener = (committed: CommittedEvent) => void

export function createCommittedEvents(log: Log) {
  const listeners = new Set<Listener>()
  return {
    /** Returns a function that ends it. */
    listen(listener: Listener): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** A failing listener stops neither the lock nor the other listeners. */
    emit(committed: CommittedEvent): void {
      for (const listener of listeners) {
        try {
          listener(committed)
        } catch (error) {
          log.error({ err: error }, 'a listener failed')
        }
      }
    },
  }
}

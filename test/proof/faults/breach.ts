/** The invariants of the fault runs, and what a breach of one looks like. */
import type { DoorMessage } from '../../../protocol/messages/door.ts'
import type { Evidence, Remains } from './door/evidence.ts'
import type { Ledger } from './door/ledger.ts'

export const invariants = {
  'comes back': 'After every kill the daemon starts again with its data intact.',
  'opens rightly': 'The lock opens only for an accepted code, a fresh command or the exit button.',
  relocks: 'The lock closes after its time, and when the daemon dies.',
  'once only': 'A code that was accepted is never accepted again.',
  'never cheaper': 'Wrong codes that were answered stay counted, and pauses last.',
  'nothing lost': 'Every answer is in the log, and a texted code works.',
  'log whole': 'The log has no gap and its chain holds across all restarts.',
  'delivered once': 'The cloud gets every row of the log, and nothing else.',
} as const
export type Invariant = keyof typeof invariants

export interface Breach {
  readonly invariant: Invariant
  readonly what: string
  readonly rows: readonly DoorMessage[]
}

export const breach = (
  invariant: Invariant,
  what: string,
  ...rows: readonly DoorMessage[]
): Breach => ({ invariant, what, rows })

export interface Case {
  readonly ledger: Ledger
  readonly remains: Remains
  readonly evidence: Evidence
  /** The rows that the run that just ended added. */
  readonly fresh: readonly DoorMessage[]
}

export type RowOf<T extends DoorMessage['type']> = Extract<DoorMessage, { type: T }>

export const rowsOf = <T extends DoorMessage['type']>(
  messages: readonly DoorMessage[],
  ...types: readonly T[]
): readonly RowOf<T>[] =>
  messages.filter((message): message is RowOf<T> => types.some((type) => type === message.type))

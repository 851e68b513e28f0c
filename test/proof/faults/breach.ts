/** A promise that was not kept, and what a promise is held against. */
import type { DoorMessage } from '../../../protocol/messages/door.ts'
import type { Evidence, Remains } from './door/evidence.ts'
import type { Ledger } from './door/ledger.ts'

export const invariants = {
  'comes back': 'After every death the daemon starts again and finds its memory whole.',
  'opens rightly': 'The lock only opens for an accepted code, a fresh command or the exit button.',
  relocks: 'The lock closes after its time, and when the daemon dies.',
  'once only': 'A code that was accepted is never accepted again.',
  'never cheaper': 'Wrong codes that were answered stay counted, and pauses last.',
  'nothing lost': 'What was answered is in the log, and a code that was texted works.',
  'log whole': 'The log has no gap and its chain holds across all lives.',
  'told once': 'The cloud gets every row of the log, and nothing else.',
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
  /** The rows that the life which has just ended added. */
  readonly fresh: readonly DoorMessage[]
}

export type RowOf<T extends DoorMessage['type']> = Extract<DoorMessage, { type: T }>

export const rowsOf = <T extends DoorMessage['type']>(
  messages: readonly DoorMessage[],
  ...types: readonly T[]
): readonly RowOf<T>[] =>
  messages.filter((message): message is RowOf<T> => types.some((type) => type === message.type))

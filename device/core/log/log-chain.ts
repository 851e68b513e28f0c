/**
 * The door's log: its messages in order, each with the hash of the one before. Anyone who has a
 * later hash can tell whether an earlier message was altered, removed or moved.
 */
import { chainHash, chainStart } from '../../../protocol/log-chain.ts'
import type { DoorBody, DoorMessage } from '../../../protocol/messages/door.ts'
import { protocolVersion } from '../../../protocol/messages/shared.ts'

export interface LogRow {
  readonly seq: number
  /** The exact text that the hash is computed over: SHA-256 of its UTF-8 bytes. */
  readonly text: string
  readonly hash: string
}

export interface LogHead {
  readonly seq: number
  readonly hash: string
}

export const emptyLog: LogHead = { seq: 0, hash: chainStart }

export interface Seal {
  readonly doorId: string
  readonly atMs: number
  readonly timeKnown: boolean
  /** A fresh id for each message; as many as there are bodies. */
  readonly ids: readonly string[]
}

/** Numbers, timestamps and chains what happened. */
export function sealRows(head: LogHead, bodies: readonly DoorBody[], seal: Seal): LogRow[] {
  let last = head
  return bodies.map((body, index) => {
    const { type, ...fields } = body
    const text = JSON.stringify({
      v: protocolVersion,
      type,
      id: seal.ids[index],
      doorId: seal.doorId,
      seq: last.seq + 1,
      atMs: seal.atMs,
      timeKnown: seal.timeKnown,
      prev: last.hash,
      ...fields,
    } satisfies Record<keyof DoorMessage, unknown> & Record<string, unknown>)
    const row = { seq: last.seq + 1, text, hash: chainHash(text) }
    last = row
    return row
  })
}

export interface Flaw {
  readonly seq: number
  readonly problem: 'missing' | 'altered' | 'out-of-place' | 'cut-off' | 'added'
}

/**
 * The first row that is not what was written, or null. `head` is a row that is known from
 * elsewhere: where the log must end, as kept apart from the rows, or what the cloud remembers.
 * `start` is the row behind which older ones were deleted.
 */
export function firstFlaw(rows: Iterable<LogRow>, head: LogHead, start = emptyLog): Flaw | null {
  let last = start
  let torn = false
  for (const row of rows) {
    const seq = last.seq + 1
    const follows = linkOf(row.text)?.prev === last.hash
    if (torn) return tornAt(last.seq, follows)
    const flaw = ownFlaw(row, seq, head)
    if (flaw) return flaw
    torn = !follows
    // What is before the first row is known to be genuine.
    if (torn && seq === start.seq + 1) return tornAt(seq, false)
    if (torn && seq === head.seq) return tornAt(seq, true)
    last = row
  }
  if (torn) return tornAt(last.seq, false)
  return last.seq < head.seq ? { seq: last.seq + 1, problem: 'cut-off' } : null
}

/** What is wrong with a row by itself. */
function ownFlaw(row: LogRow, seq: number, head: LogHead): Flaw | null {
  if (row.seq > seq) return { seq, problem: 'missing' }
  if (row.seq < seq) return { seq, problem: 'out-of-place' }
  if (chainHash(row.text) !== row.hash) return { seq, problem: 'altered' }
  if (linkOf(row.text)?.seq !== seq) return { seq, problem: 'out-of-place' }
  if (seq === head.seq && row.hash !== head.hash) return { seq, problem: 'altered' }
  return null
}

/**
 * A row does not follow its predecessor although each fits its own hash, so one of them was
 * replaced. The next row, or the head, shows which one is genuine.
 */
const tornAt = (seq: number, vouchedFor: boolean): Flaw => ({
  seq: vouchedFor ? seq - 1 : seq,
  problem: 'altered',
})

function linkOf(text: string): { seq: unknown; prev: unknown } | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'seq' in value && 'prev' in value
      ? value
      : null
  } catch {
    return null
  }
}

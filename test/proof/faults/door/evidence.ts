/** What a killed daemon left in its database, and what lock and cloud recorded. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import type { PersistedState } from '../../../../device/core/door/persisted-state.ts'
import { type Flaw, firstFlaw, type LogRow } from '../../../../device/core/log/log-chain.ts'
import { StoreFault } from '../../../../device/daemon/ports.ts'
import { stateFrom } from '../../../../device/store/sqlite/rows.ts'
import { openLogReader } from '../../../../device/store/sqlite/store.ts'
import { type DoorMessage, parseDoorMessage } from '../../../../protocol/messages/door.ts'
import type { LockChange } from '../../../../simulation/door/relay.ts'
import type { RunningDoor } from '../../../support/door/running-door.ts'

export interface Evidence {
  /** Null if the daemon was killed before it created its database. */
  readonly remains: Remains | null
  /** The rows at the previous kill. */
  readonly earlier: readonly LogRow[]
  readonly atCloud: readonly DoorMessage[]
  /** Lines and messages that could not be parsed. */
  readonly unreadable: number
  readonly lock: readonly LockChange[]
}

export interface Remains {
  readonly rows: readonly LogRow[]
  /** The rows as messages, in the same order. */
  readonly messages: readonly DoorMessage[]
  readonly flaw: Flaw | null
  readonly kept: PersistedState | null
  /** Rows in the outbox. */
  readonly unsent: ReadonlySet<number>
  readonly integrity: string
  /** Whether the daemon was killed while writing a commit. */
  readonly halfCommit: boolean
}

export function gather(
  { home }: RunningDoor,
  databasePath: string,
  earlier: readonly LogRow[],
): Evidence {
  return {
    remains: examine(databasePath),
    earlier,
    atCloud: home.cloud.messages,
    unreadable: home.garbage() + home.cloud.unreadable.length,
    lock: home.lockTimeline,
  }
}

/** Reads a copy, because SQLite would repair the original, which is the daemon's task. */
function examine(databasePath: string): Remains | null {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-remains-'))
  const copy = join(folder, 'door.sqlite')
  try {
    for (const end of ['', '-wal']) {
      if (existsSync(`${databasePath}${end}`)) copyFileSync(`${databasePath}${end}`, copy + end)
    }
    return existsSync(copy) ? remainsIn(copy) : null
  } catch (error) {
    if (error instanceof StoreFault && notCreatedCodes.includes(error.code)) return null
    throw error
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The last row of a running daemon's log. */
export function headSeq(databasePath: string): number {
  const reader = openLogReader(databasePath)
  try {
    return reader.head().seq
  } finally {
    reader.close()
  }
}

const notCreatedCodes = ['no-store', 'schema-too-old']

function remainsIn(path: string): Remains {
  const halfCommit = endsInHalfCommit(`${path}-wal`)
  const reader = openLogReader(path)
  const db = new Database(path)
  try {
    const rows = [...reader.rows()]
    return {
      rows,
      messages: rows.map(messageIn),
      flaw: firstFlaw(rows, reader.head()),
      kept: stateFrom(db.prepare('SELECT part, value FROM door_state').all(), reader.head()),
      unsent: new Set(z.parse(seqs, db.prepare('SELECT seq FROM outbox').pluck().all())),
      integrity: String(db.pragma('integrity_check', { simple: true })),
      halfCommit,
    }
  } finally {
    db.close()
    reader.close()
  }
}

const seqs = z.array(z.int())

function messageIn({ seq, text }: LogRow): DoorMessage {
  const parsed = parseDoorMessage(text)
  if (!parsed.ok) throw new Error(`row ${seq} of the log is not a message: ${parsed.detail}`)
  return parsed.message
}

const walHeaderBytes = 32
const frameHeaderBytes = 24

/**
 * A commit is several pages in the write-ahead log, and the last one is marked. Pages without such
 * an end belong to an unfinished commit. (See "WAL file format" in SQLite's manual.)
 */
function endsInHalfCommit(walPath: string): boolean {
  const wal = existsSync(walPath) ? readFileSync(walPath) : Buffer.alloc(0)
  if (wal.length < walHeaderBytes) return false
  const frameBytes = frameHeaderBytes + wal.readUInt32BE(8)
  const salt = wal.subarray(16, 24)
  let half = false
  for (let at = walHeaderBytes; at + frameBytes <= wal.length; at += frameBytes) {
    if (!wal.subarray(at + 8, at + 16).equals(salt)) break
    half = wal.readUInt32BE(at + 4) === 0
  }
  return half
}

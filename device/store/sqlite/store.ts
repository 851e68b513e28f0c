/**
 * The door's memory in an SQLite database. It stores and finds; what anything means is decided in
 * the core. Every commit is on the disk before `commit` returns, and a code never comes in here.
 */
import type { Database } from 'better-sqlite3'
import type { StoredGrant } from '../../core/credentials/grant.ts'
import type { LogHead, LogRow } from '../../core/log/log-chain.ts'
import { type LogReader, type Store, StoreFault } from '../../daemon/ports.ts'
import { writerOn } from './commit.ts'
import { faultOf, orFault } from './faults.ts'
import {
  checkImprint,
  checkNotLost,
  checkPlace,
  connect,
  connectToRead,
  type DaemonLock,
  lockOut,
  markBorn,
} from './file.ts'
import { type Housekeeping, housekeepingOn } from './housekeeping.ts'
import { type Migration, migrate, shippedMigrations } from './migrate.ts'
import {
  countRow,
  grantColumns,
  grantRow,
  headRow,
  keptOf,
  logRow,
  nameRow,
  visitorRow,
} from './rows.ts'

export interface StoreOptions {
  /** Told of what somebody should see to although the store goes on working. */
  readonly warn: (fault: StoreFault) => void
  readonly migrations?: readonly Migration[]
}

export function openStore(path: string, options: StoreOptions): Store {
  const { warn, migrations = shippedMigrations() } = options
  checkPlace(path)
  checkNotLost(path)
  const lock = lockOut(path)
  try {
    checkImprint(path, migrations.length)
    const db = connect(path)
    try {
      migrate(db, migrations)
      attemptToMark(path, warn)
      return storeOn(db, housekeepingOn(db, warn), lock)
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    lock.release()
    throw faultOf(error)
  }
}

/** On a disk without room even for that, the door works all the same. */
function attemptToMark(path: string, warn: StoreOptions['warn']): void {
  try {
    orFault(() => markBorn(path))
  } catch (fault) {
    if (!(fault instanceof StoreFault)) throw fault
    warn(fault)
  }
}

/** Sees what has been committed, and never keeps a daemon from writing more. */
export function openLogReader(path: string): LogReader {
  checkPlace(path)
  const db = orFault(() => connectToRead(path, shippedMigrations().length))
  const head = db.prepare('SELECT seq, hash FROM log_head')
  const rowsAfter = db.prepare('SELECT seq, text, hash FROM log WHERE seq > ? ORDER BY seq LIMIT ?')
  const name = db.prepare('SELECT name FROM visitors WHERE visitor_id = ?').pluck()
  const portionAfter = (seq: number) => orFault(() => rowsAfter.all(seq, rowsAtOnce).map(logRow))

  return {
    *rows() {
      // In portions: a statement that is being read from would hold up checkpoints.
      let rows = portionAfter(0)
      for (let last = rows.at(-1); last; last = rows.at(-1)) {
        yield* rows
        rows = portionAfter(last.seq)
      }
    },
    head: () => orFault(() => headRow(head.get())),
    visitorName: (visitorId) => orFault(() => nameRow(name.get(visitorId)) ?? null),
    close: () => void db.close(),
  }
}

const rowsAtOnce = 500

function storeOn(db: Database, housekeeping: Housekeeping, lock: DaemonLock): Store {
  const find = readsOn(db)
  const write = writerOn(db)
  let head = headRow(find.head.get())

  function open<T>(work: () => T): T {
    if (!db.open) throw new StoreFault('closed', "The door's database has been closed.")
    return orFault(work)
  }

  return {
    load: () => open(() => keptOf(find.kept.all(), head)),
    head: () => open(() => head),

    commit(commit) {
      open(() => {
        lock.check()
        const next = headAfter(head, commit.rows)
        write(commit)
        head = next
        housekeeping.committed(commit)
      })
    },

    grantByTag: (tag) => open(() => theOneMeant(find.grantsByTag.all(tag).map(grantRow))),
    grant: (grantId) => open(() => orNull(grantRow, find.grant.get(grantId))),
    liveGrants: (nowMs) => open(() => find.liveGrants.all(nowMs).map(grantRow)),
    visitor: (visitorId) => open(() => orNull(visitorRow, find.visitor.get(visitorId))),

    unsent: (afterSeq, limit) => open(() => find.unsent.all(afterSeq, limit).map(logRow)),
    unsentCount: () => open(() => countRow(find.unsentCount.get())),

    tidy: () => open(() => housekeeping.tidy()),

    close() {
      if (!db.open) return
      try {
        housekeeping.close()
      } finally {
        lock.release()
      }
    },
  }
}

const readsOn = (db: Database) => ({
  kept: db.prepare('SELECT part, value FROM door_state'),
  head: db.prepare('SELECT seq, hash FROM log_head'),
  grant: db.prepare(`SELECT ${grantColumns} FROM grants WHERE grant_id = ?`),
  grantsByTag: db.prepare(`SELECT ${grantColumns} FROM grants WHERE tag = ?`),
  liveGrants: db.prepare(
    `SELECT ${grantColumns} FROM grants WHERE expires_at_ms > ? AND closed IS NULL
     ORDER BY expires_at_ms, id`,
  ),
  visitor: db.prepare(
    `SELECT visitor_id AS visitorId, name, language, command_seq AS commandSeq
     FROM visitors WHERE visitor_id = ?`,
  ),
  unsent: db.prepare(
    `SELECT seq, text, hash FROM outbox JOIN log USING (seq)
     WHERE outbox.seq > ? ORDER BY outbox.seq LIMIT ?`,
  ),
  unsentCount: db.prepare('SELECT count(*) FROM outbox').pluck(),
})

/**
 * Codes come round again over the years: an open grant before a closed one, then the one that
 * ends last. Chosen here, because asked for an order SQLite prepares its search anew every time,
 * which takes longer than the search.
 */
function theOneMeant(grants: readonly StoredGrant[]): StoredGrant | null {
  const isClosed = ({ closed }: StoredGrant) => Number(closed !== null)
  const order = (a: StoredGrant, b: StoredGrant) =>
    isClosed(a) - isClosed(b) || b.expiresAtMs - a.expiresAtMs || b.commandSeq - a.commandSeq
  return grants.toSorted(order)[0] ?? null
}

function orNull<T>(read: (row: unknown) => T, row: unknown): T | null {
  return row === undefined ? null : read(row)
}

/** A gap in the log would look like a row that somebody removed. */
function headAfter(head: LogHead, rows: readonly LogRow[]): LogHead {
  let last = head
  for (const { seq, hash } of rows) {
    if (seq !== last.seq + 1) {
      throw new StoreFault('log-gap', `Row ${last.seq + 1} of the log comes next, not ${seq}.`)
    }
    last = { seq, hash }
  }
  return last
}

/**
 * The store in an SQLite database. Every commit is on the disk before `commit` returns. Codes
 * themselves never get here.
 */
import type { Database } from 'better-sqlite3'
import type { StoredGrant } from '../../core/credentials/grant.ts'
import type { LogHead, LogRow } from '../../core/log/log-chain.ts'
import { type LogReader, type Store, StoreFault } from '../../daemon/ports.ts'
import { createWriter } from './commit.ts'
import { asStoreFault, withStoreFaults } from './faults.ts'
import {
  acquireLock,
  checkNotLost,
  checkPlace,
  checkRestored,
  checkSchema,
  connect,
  connectToRead,
  type DaemonLock,
  markCreated,
} from './file.ts'
import { createHousekeeping, type Housekeeping } from './housekeeping.ts'
import { type Migration, migrate, shippedMigrations } from './migrate.ts'
import { createPruning, selectStart } from './pruning.ts'
import {
  countRow,
  grantColumns,
  grantRow,
  headRow,
  logRow,
  nameRow,
  partsThatFit,
  pinCountsFrom,
  sheetRow,
  signedPlace,
  stateFrom,
  visitorRow,
} from './rows.ts'
import { keepWayBack, type TakenBackBy, takeBack } from './way-back.ts'

export interface StoreOptions {
  /** Called with problems that an owner should fix although the store works. */
  readonly warn: (fault: StoreFault) => void
  readonly migrations?: readonly Migration[]
  /** Goes on from the copy of this version where a later one has migrated; else that is a fault. */
  readonly wayBackFor?: TakenBackBy
}

export function openStore(path: string, options: StoreOptions): Store {
  const { warn, migrations = shippedMigrations(), wayBackFor } = options
  checkPlace(path)
  checkNotLost(path)
  checkRestored(path)
  const lock = acquireLock(path)
  try {
    checkSchemaOrTakeBack(path, migrations, wayBackFor)
    const db = connect(path)
    try {
      keepWayBack(db, migrations.length)
      migrate(db, migrations)
      tryToMark(path, warn)
      return storeOn(db, createHousekeeping(db, warn), lock)
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    lock.release()
    throw asStoreFault(error)
  }
}

function checkSchemaOrTakeBack(
  path: string,
  migrations: readonly Migration[],
  by: TakenBackBy | undefined,
): void {
  try {
    checkSchema(path, migrations.length)
  } catch (fault) {
    const isTooNew = fault instanceof StoreFault && fault.code === 'schema-too-new'
    if (!isTooNew || !by || !takeBack(path, migrations, by)) throw fault
  }
}

/** The door also works on a disk that has no room for the mark. */
function tryToMark(path: string, warn: StoreOptions['warn']): void {
  try {
    markCreated(path)
  } catch (error) {
    const fault = asStoreFault(error)
    if (!(fault instanceof StoreFault)) throw fault
    warn(fault)
  }
}

/** Reads the committed log beside a running daemon, and never blocks its writes. */
export function openLogReader(path: string): LogReader {
  checkPlace(path)
  const db = withStoreFaults(() => connectToRead(path, shippedMigrations().length))
  const head = db.prepare('SELECT seq, hash FROM log_head')
  const signedHead = db.prepare(selectSignedHead)
  const start = db.prepare(selectStart)
  const rowsAfter = db.prepare('SELECT seq, text, hash FROM log WHERE seq > ? ORDER BY seq LIMIT ?')
  const name = db.prepare('SELECT name FROM visitors WHERE visitor_id = ?').pluck()
  const sheet = db.prepare(selectSheet)
  const grant = db.prepare(`SELECT ${grantColumns} FROM grants WHERE grant_id = ?`)
  const settings = db.prepare("SELECT part, value FROM door_state WHERE part = 'settings'")
  const batchAfter = (seq: number) =>
    withStoreFaults(() => rowsAfter.all(seq, batchSize).map(logRow))

  return {
    *rows() {
      // In batches, because an unfinished statement would block checkpoints.
      let rows = batchAfter(0)
      for (let last = rows.at(-1); last; last = rows.at(-1)) {
        yield* rows
        rows = batchAfter(last.seq)
      }
    },
    head: () => withStoreFaults(() => headRow(head.get())),
    signedHead: () => withStoreFaults(() => signedPlace(signedHead.get())),
    start: () => withStoreFaults(() => signedPlace(start.get())),
    visitorName: (visitorId) => withStoreFaults(() => nameRow(name.get(visitorId)) ?? null),
    grant: (grantId) => withStoreFaults(() => orNull(grantRow, grant.get(grantId))),
    settings: () => withStoreFaults(() => partsThatFit(settings.all()).settings?.settings ?? null),
    sheet: () => withStoreFaults(() => sheetRow(sheet.get())),
    close: () => void db.close(),
  }
}

const selectSheet = `SELECT count(*) FILTER (WHERE closed IS NULL) AS left,
  count(*) FILTER (WHERE closed = 'used') AS used FROM grants WHERE terms ->> 'kind' = 'break-glass'`
const batchSize = 500
const selectSignedHead = 'SELECT signed_seq AS seq, signed_hash AS hash, signature FROM log_head'

function storeOn(db: Database, housekeeping: Housekeeping, lock: DaemonLock): Store {
  const find = readsOn(db)
  const write = createWriter(db)
  const prune = createPruning(db)
  let head = headRow(find.head.get())

  function open<T>(work: () => T): T {
    if (!db.open) throw new StoreFault('closed', "The door's database has been closed.")
    return withStoreFaults(work)
  }

  return {
    load: () => open(() => stateFrom(find.state.all(), head)),
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

    grantByTag: (tag) => open(() => preferred(find.grantsByTag.all(tag).map(grantRow))),
    grant: (grantId) => open(() => orNull(grantRow, find.grant.get(grantId))),
    liveGrants: (nowMs, which = {}) =>
      open(() => {
        const rows = which.range
          ? find.liveInRange.all({ nowMs, ...which.range })
          : find.liveGrants.all({ ...allGrants, ...which, nowMs })
        return rows.map(grantRow)
      }),
    pinCounts: (nowMs) => open(() => pinCountsFrom(find.pinCounts.all(nowMs))),
    visitor: (visitorId) => open(() => orNull(visitorRow, find.visitor.get(visitorId))),

    unsent: (afterSeq, limit) => open(() => find.unsent.all(afterSeq, limit).map(logRow)),
    unsentCount: () => open(() => countRow(find.unsentCount.get())),

    tidy: () => open(() => housekeeping.tidy()),
    prune: (retention) =>
      open(() => {
        lock.check()
        const { names, isMore } = prune(retention)
        if (names > 0) housekeeping.namesDeleted()
        return isMore
      }),

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

const allGrants = { kind: null, endsByMs: null, visitorId: null }

const readsOn = (db: Database) => ({
  state: db.prepare('SELECT part, value FROM door_state'),
  head: db.prepare('SELECT seq, hash FROM log_head'),
  grant: db.prepare(`SELECT ${grantColumns} FROM grants WHERE grant_id = ?`),
  grantsByTag: db.prepare(`SELECT ${grantColumns} FROM grants WHERE tag = ?`),
  liveGrants: db.prepare(
    `SELECT ${grantColumns} FROM grants WHERE expires_at_ms > @nowMs AND closed IS NULL
       AND (@kind IS NULL OR CASE @kind WHEN 'one-time' THEN terms IS NULL ELSE terms ->> 'kind' = @kind END)
       AND (@endsByMs IS NULL OR expires_at_ms <= @endsByMs)
       AND (@visitorId IS NULL OR visitor_id = @visitorId)
     ORDER BY expires_at_ms, id`,
  ),
  // Apart from the others, to find the range by its index.
  liveInRange: db.prepare(
    `SELECT ${grantColumns} FROM grants WHERE +expires_at_ms > @nowMs AND closed IS NULL
       AND grant_id >= @fromId AND grant_id < @beforeId
     ORDER BY expires_at_ms, id`,
  ),
  pinCounts: db.prepare(
    `SELECT digits, count(*) AS pins FROM grants
     WHERE terms IS NOT NULL AND closed IS NULL AND expires_at_ms > ? AND terms ->> 'kind' = 'standing'
     GROUP BY digits`,
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
 * Over the years several grants can have the same code. An open one comes before a closed one, then
 * the one that ends last. Sorted here, because an ORDER BY makes SQLite set up a sorter that takes
 * longer than the search.
 */
function preferred(grants: readonly StoredGrant[]): StoredGrant | null {
  const isClosed = ({ closed }: StoredGrant) => Number(closed !== null)
  const order = (a: StoredGrant, b: StoredGrant) =>
    isClosed(a) - isClosed(b) || b.expiresAtMs - a.expiresAtMs || b.commandSeq - a.commandSeq
  return grants.toSorted(order)[0] ?? null
}

function orNull<T>(read: (row: unknown) => T, row: unknown): T | null {
  return row === undefined ? null : read(row)
}

/** A gap in the log would look like a removed row. */
function headAfter(head: LogHead, rows: readonly LogRow[]): LogHead {
  let last = head
  for (const { seq, hash } of rows) {
    if (seq !== last.seq + 1) {
      throw new StoreFault('log-gap', `The next row of the log is ${last.seq + 1}, not ${seq}.`)
    }
    last = { seq, hash }
  }
  return last
}

/**
 * Work for idle times: checkpoints, room for codes on a full disk, and erasing the traces of
 * deleted visitors. A failure only warns, because none of it keeps a visitor from coming in.
 */
import type { Database } from 'better-sqlite3'
import { type Commit, StoreFault } from '../../daemon/ports.ts'
import { asStoreFault } from './faults.ts'
import { closeKeepingWal } from './file.ts'
import { createReserve } from './reserve.ts'

export type Housekeeping = ReturnType<typeof createHousekeeping>

/**
 * A checkpoint wears the disk as much as several commits, and an idle door commits its time every
 * minute.
 */
const commitsPerCheckpoint = 32

export function createHousekeeping(db: Database, warn: (fault: StoreFault) => void) {
  const reserve = createReserve(db)
  const attempt = warningOnce(warn)
  let commitsSinceCheckpoint = commitsPerCheckpoint
  // The last daemon may have stopped before it erased them.
  let hasTraces = hasDeletedVisitors(db)

  function eraseTraces(): void {
    if (!hasTraces) return
    db.transaction(() => db.exec(rewriteVisitors)).immediate()
    hasTraces = !reserve.blank()
  }

  function refill(): void {
    // New free pages belong to the database only after a checkpoint.
    if (reserve.refill()) commitsSinceCheckpoint = commitsPerCheckpoint
  }

  function checkpoint(): void {
    if (commitsSinceCheckpoint < commitsPerCheckpoint) return
    reserve.checkpoint()
    commitsSinceCheckpoint = 0
  }

  function tidy(): void {
    attempt('traces', eraseTraces)
    attempt('reserve', refill)
    attempt('checkpoint', checkpoint)
  }

  tidy()
  return {
    committed({ changes }: Commit): void {
      commitsSinceCheckpoint += 1
      hasTraces ||= changes.some((it) => it.kind === 'store-visitor' && !it.visitor.known)
    },

    namesDeleted(): void {
      hasTraces = true
    },

    tidy,

    close(): void {
      attempt('traces', eraseTraces)
      attempt('close', () => {
        if (reserve.isScarce()) closeKeepingWal(db)
      })
      if (db.open) db.close()
    },
  }
}

/** A job that goes on failing, as on a full disk, warns once until it succeeds. */
function warningOnce(warn: (fault: StoreFault) => void) {
  const failing = new Set<string>()
  return (job: string, work: () => void): void => {
    try {
      work()
      failing.delete(job)
    } catch (error) {
      const fault = asStoreFault(error)
      if (!(fault instanceof StoreFault)) throw fault
      if (!failing.has(job)) warn(fault)
      failing.add(job)
    }
  }
}

const hasDeletedVisitors = (db: Database): boolean =>
  db.prepare('SELECT 1 FROM visitors WHERE name IS NULL LIMIT 1').get() !== undefined

/**
 * `secure_delete` wipes deleted rows, but not the copies left behind when SQLite moves rows to
 * another page. Pages that were emptied and filled again have no such copies.
 */
const rewriteVisitors = `
  CREATE TEMP TABLE remaining AS SELECT * FROM visitors ORDER BY id;
  DELETE FROM visitors;
  INSERT INTO visitors SELECT * FROM remaining;
  DROP TABLE remaining;
`

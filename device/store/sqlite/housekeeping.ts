/**
 * What can wait for a quiet moment: checkpoints, room for codes on a full disk, and the traces of
 * people who were forgotten. None of it failing keeps anybody from coming in, so it only warns.
 */
import type { Database } from 'better-sqlite3'
import { type Commit, StoreFault } from '../../daemon/ports.ts'
import { faultOf } from './faults.ts'
import { closeKeepingWal } from './file.ts'
import { reserveOf } from './reserve.ts'

export interface Housekeeping {
  committed(commit: Commit): void
  tidy(): void
  close(): void
}

/**
 * A checkpoint wears the disk as much as several commits, and a door that nobody comes to writes
 * down the time every minute; so one waits for a while, though far less than the backstop would.
 */
const commitsPerCheckpoint = 32

export function housekeepingOn(db: Database, warn: (fault: StoreFault) => void): Housekeeping {
  const reserve = reserveOf(db)
  let commitsSinceCheckpoint = commitsPerCheckpoint
  // The last daemon may have stopped before it got to this.
  let tracesLeft = somebodyWasForgotten(db)

  /** A disk that stays full is worth one warning, not one a minute. */
  const warned = new Set<string>()

  function attempt(job: string, work: () => void): void {
    try {
      work()
      warned.delete(job)
    } catch (error) {
      const fault = faultOf(error)
      if (!(fault instanceof StoreFault)) throw fault
      if (!warned.has(job)) warn(fault)
      warned.add(job)
    }
  }

  function eraseTraces(): void {
    if (!tracesLeft) return
    db.transaction(() => db.exec(rewriteVisitors)).immediate()
    tracesLeft = !reserve.blank()
  }

  function refill(): void {
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
    committed({ changes }) {
      commitsSinceCheckpoint += 1
      tracesLeft ||= changes.some((it) => it.kind === 'keep-visitor' && !it.visitor.known)
    },

    tidy,

    close() {
      attempt('traces', eraseTraces)
      attempt('close', () => {
        if (reserve.isPrecious()) closeKeepingWal(db)
      })
      if (db.open) db.close()
    },
  }
}

const somebodyWasForgotten = (db: Database): boolean =>
  db.prepare('SELECT 1 FROM visitors WHERE name IS NULL LIMIT 1').get() !== undefined

/**
 * `secure_delete` wipes what is deleted, but not the copies that stay behind when SQLite moves
 * rows to another page. Pages that were emptied and filled anew with what is left have no such
 * copies.
 */
const rewriteVisitors = `
  CREATE TEMP TABLE left_over AS SELECT * FROM visitors ORDER BY id;
  DELETE FROM visitors;
  INSERT INTO visitors SELECT * FROM left_over;
  DROP TABLE left_over;
`

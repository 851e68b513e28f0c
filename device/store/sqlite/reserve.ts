/**
 * Room for codes on a full disk, and checkpoints outside of visits.
 *
 * A commit goes into the write-ahead log (WAL), and a checkpoint copies it into the database later.
 * Both only overwrite what is allocated already, as long as the WAL file is long enough and the
 * database has free pages: then a code can be used with no byte left on the disk. File systems
 * that never overwrite in place, such as btrfs, cannot give this guarantee.
 */
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import * as z from 'zod/mini'
import { StoreFault } from '../../daemon/ports.ts'
import { numberIn, sizeOf, walPath } from './file.ts'

/** Without an idle time, SQLite itself makes a checkpoint after this many pages, in a commit. */
const backstopPages = 1_000

/** The backstop and one large commit. */
const walPages = backstopPages + 50

/** Half of them hold the log of 800 codes; below half they are refilled. */
const freePages = 512

const walHeaderBytes = 32
const pageHeaderBytes = 24
const overflowPointerBytes = 4

export function createReserve(db: Database) {
  const wal = walPath(db.name)
  const pageBytes = numberIn(db, 'page_size')
  const walBytes = (pages: number) => walHeaderBytes + pages * (pageBytes + pageHeaderBytes)
  const fullWalBytes = walBytes(walPages)
  db.pragma(`wal_autocheckpoint = ${backstopPages}`)
  // A WAL that grew because of a slow reader is cut back to this.
  db.pragma(`journal_size_limit = ${fullWalBytes}`)
  const allocate = db.prepare('INSERT INTO reserve VALUES (zeroblob(?))')
  const free = db.prepare('DELETE FROM reserve')

  /** `secure_delete` makes SQLite write the pages although they are empty. */
  const addFreePages = db.transaction((pages: number) => {
    allocate.run(pages * (pageBytes - overflowPointerBytes))
    free.run()
  })

  /** Makes the slower first write after a checkpoint, so that no visitor waits for it. */
  const restartWal = () => addFreePages(0)

  return {
    /** Copies the WAL into the database, unless a reader is in the way. */
    checkpoint(): void {
      if (checkpoint(db).complete) restartWal()
    },

    /** Throws when the disk has no room. Returns whether it added free pages. */
    refill(): boolean {
      const walMissing = fullWalBytes - sizeOf(wal)
      if (walMissing > 0) {
        checkRoom(db.name, walMissing)
        writeZeros(wal, sizeOf(wal), walMissing)
      }
      const left = numberIn(db, 'freelist_count')
      if (left >= freePages / 2) return false
      const pages = freePages - left
      // Twice the need: a database that cannot grow at its checkpoint would block the WAL.
      checkRoom(db.name, 2 * pages * pageBytes)
      addFreePages(pages)
      return true
    },

    /** Overwrites the unused part of the WAL. Returns whether it could. */
    blank(): boolean {
      if (!checkpoint(db).complete) return false
      restartWal()
      const { pages } = checkpoint(db)
      // A reader can prevent the restart. Then old pages of the WAL are in use.
      if (pages > 1) return false
      const used = walBytes(pages)
      writeZeros(wal, used, sizeOf(wal) - used)
      restartWal()
      return true
    },

    /** Whether room that is given up might not be available again. */
    isScarce: (): boolean => freeBytesBeside(db.name) < 2 * fullWalBytes,
  }
}

const checkpointRows = z.tuple([z.object({ busy: z.int(), log: z.int(), checkpointed: z.int() })])

function checkpoint(db: Database): { readonly pages: number; readonly complete: boolean } {
  const [{ log, checkpointed }] = z.parse(checkpointRows, db.pragma('wal_checkpoint(PASSIVE)'))
  return { pages: log, complete: log === checkpointed }
}

function freeBytesBeside(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function checkRoom(path: string, bytes: number): void {
  if (freeBytesBeside(path) >= bytes) return
  throw new StoreFault(
    'disk-full',
    'The disk is too full to reserve room for the codes of the next visitors: make room on it.',
  )
}

/**
 * Safe beside SQLite: it holds no lock on the WAL that closing the file here could drop, and
 * ignores everything after the last valid page.
 */
function writeZeros(path: string, from: number, bytes: number): void {
  const zeros = Buffer.alloc(Math.min(bytes, 1 << 20))
  const file = openSync(path, 'r+')
  try {
    for (let done = 0; done < bytes; ) {
      done += writeSync(file, zeros, 0, Math.min(zeros.length, bytes - done), from + done)
    }
    fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
}

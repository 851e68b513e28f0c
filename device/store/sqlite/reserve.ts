/**
 * Room for codes on a full disk, and checkpoints away from visitors.
 *
 * A commit is written into the write-ahead log (WAL), and a checkpoint copies it into the database
 * later. Both only ever overwrite what is theirs already, provided that the WAL's file is long
 * enough and the database has free pages: then a code can be used up with not a byte left on the
 * disk. (On a file system that never overwrites in place, such as btrfs, this is no promise.)
 */
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import * as z from 'zod/mini'
import { StoreFault } from '../../daemon/ports.ts'
import { numberIn, sizeOf, walPath } from './file.ts'

/**
 * Should no quiet moment come, SQLite itself makes a checkpoint after this many pages, within
 * some visitor's commit.
 */
const backstopPages = 1_000

/** Past the backstop by as much as a large commit writes. */
const walPages = backstopPages + 50

/** Even half of them take the log of eight hundred codes; then they are made up again. */
const freePages = 512

const walHeaderBytes = 32
const pageHeaderBytes = 24
const overflowPointerBytes = 4

export interface Reserve {
  /** Copies the WAL into the database, as far as no reader is in the way. */
  checkpoint(): void
  /**
   * Makes up what is missing, or throws when the disk has no room for it. Whether pages were
   * added, which are only the database's own after a checkpoint.
   */
  refill(): boolean
  /** Whether what SQLite no longer needs of the WAL could be overwritten. */
  blank(): boolean
  /** Whether the disk is so full that what is given up might not be had again. */
  isPrecious(): boolean
}

export function reserveOf(db: Database): Reserve {
  const wal = walPath(db.name)
  const pageBytes = numberIn(db, 'page_size')
  const fullWalBytes = walHeaderBytes + walPages * (pageBytes + pageHeaderBytes)
  db.pragma(`wal_autocheckpoint = ${backstopPages}`)
  // A WAL that had to grow, because a reader was in the way for long, is cut back to this.
  db.pragma(`journal_size_limit = ${fullWalBytes}`)
  const takePages = db.prepare('INSERT INTO reserve VALUES (zeroblob(?))')
  const freePagesAgain = db.prepare('DELETE FROM reserve')

  /** `secure_delete` makes SQLite write the pages out although nothing is in them. */
  const fillPages = db.transaction((pages: number) => {
    takePages.run(pages * (pageBytes - overflowPointerBytes))
    freePagesAgain.run()
  })

  /**
   * The first write after a complete checkpoint starts the WAL from its beginning, with an fsync
   * more than others need: it is made here, so that no visitor waits for it.
   */
  const startWalAnew = () => fillPages(0)

  return {
    checkpoint() {
      if (checkpointed(db).complete) startWalAnew()
    },

    refill() {
      const walMissing = fullWalBytes - sizeOf(wal)
      if (walMissing > 0) {
        checkRoom(db.name, walMissing)
        writeZeros(wal, sizeOf(wal), walMissing)
      }
      const left = numberIn(db, 'freelist_count')
      if (left >= freePages / 2) return false
      const pages = freePages - left
      // A database that could not grow at its checkpoint would jam the WAL: so twice the need.
      checkRoom(db.name, 2 * pages * pageBytes)
      fillPages(pages)
      return true
    },

    blank() {
      if (!checkpointed(db).complete) return false
      startWalAnew()
      const { pages } = checkpointed(db)
      // A reader can keep the WAL from starting anew; then its old pages are still in use.
      if (pages > 1) return false
      const inUse = walHeaderBytes + pages * (pageBytes + pageHeaderBytes)
      writeZeros(wal, inUse, sizeOf(wal) - inUse)
      startWalAnew()
      return true
    },

    isPrecious: () => roomBeside(db.name) < 2 * fullWalBytes,
  }
}

interface Progress {
  readonly pages: number
  readonly complete: boolean
}

const progressRows = z.tuple([z.object({ busy: z.int(), log: z.int(), checkpointed: z.int() })])

function checkpointed(db: Database): Progress {
  const [{ log, checkpointed }] = z.parse(progressRows, db.pragma('wal_checkpoint(PASSIVE)'))
  return { pages: log, complete: log === checkpointed }
}

function roomBeside(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function checkRoom(path: string, bytes: number): void {
  if (roomBeside(path) >= bytes) return
  throw new StoreFault(
    'disk-full',
    'The disk is too full to set room aside for the codes of the next visitors: make room on it.',
  )
}

/**
 * SQLite keeps no lock on the WAL that closing the file here could drop, and believes nothing in
 * it after its last valid page.
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

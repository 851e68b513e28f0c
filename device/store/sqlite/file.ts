/**
 * The database as a file: where it may be, which programs may open it, and how it is opened. A file
 * that is refused stays exactly as it was.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import { StoreFault } from '../../daemon/ports.ts'
import { asStoreFault, withStoreFaults } from './faults.ts'

/** "door" in ASCII; the first migration writes it. */
const applicationId = 0x646f6f72

export const walPath = (path: string): string => `${path}-wal`

/** Size in bytes; 0 for a missing file. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

export const numberIn = (db: Database.Database, pragma: string): number =>
  z.parse(z.int(), db.pragma(pragma, { simple: true }))

// ---------------------------------------------------------------- one daemon per database

export interface DaemonLock {
  /** Throws when the lock file was replaced: a second daemon may be deciding too. */
  check(): void
  release(): void
}

/**
 * SQLite itself would let two daemons take turns writing, but each would decide from its own copy
 * of the state. The operating system holds this lock, so it ends with the process. It is on a file
 * of its own, so that readers are not locked out.
 */
export function acquireLock(path: string): DaemonLock {
  const lockPath = `${path}-lock`
  const lock = withStoreFaults(() => new Database(lockPath, { timeout: 0 }))
  try {
    // Nothing is ever written to it, so it also works on a full disk.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const fault = asStoreFault(error)
    throw fault instanceof StoreFault && fault.code === 'busy' ? inUse(path, error) : fault
  }
  const inode = inodeOf(lockPath)
  return {
    check() {
      // While the file is only missing, no other daemon holds a lock on it.
      if (![inode, undefined].includes(inodeOf(lockPath))) throw inUse(path)
    },
    release: () => lock.close(),
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino

const inUse = (path: string, cause?: unknown) =>
  new StoreFault('in-use', `Another smart-door is running on ${path}: stop it first.`, { cause })

// ---------------------------------------------------------------- checks before opening

export function checkPlace(path: string): void {
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StoreFault('no-folder', `The folder ${folder} does not exist: create it.`)
  }
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) {
    throw new StoreFault('is-a-folder', `${path} is a folder, not a database file: name a file.`)
  }
  if (found?.isSymbolicLink()) {
    // The lock file lies beside the link, so a second daemon could open the target directly.
    throw new StoreFault('is-a-link', `${path} is a link: put the database itself in its place.`)
  }
}

/** An empty file beside every database that was ever complete: shows that one is missing. */
const createdMark = (path: string): string => `${path}-created`

/** A door that silently started anew would have lost its used codes and its lockout. */
export function checkNotLost(path: string): void {
  if (sizeOf(path) > 0 || !existsSync(createdMark(path))) return
  throw new StoreFault(
    'lost',
    `The door's database ${path} is missing or empty, although this door has run before: put a backup in its place. If there is none, delete ${createdMark(path)}, and the door starts anew: without its log, its visitors and its count of wrong codes. No code sent until now will open it.`,
  )
}

export function markCreated(path: string): void {
  const mark = createdMark(path)
  if (existsSync(mark)) return
  syncOpened(mark, 'w')
  syncOpened(dirname(path), 'r')
}

/** There while a restore replaces database, keys and config, which belong together. */
const restoreMark = (path: string): string => `${path}-unfinished`

export const isHalfRestored = (path: string): boolean => existsSync(restoreMark(path))

export function checkRestored(path: string): void {
  if (!isHalfRestored(path)) return
  throw new StoreFault(
    'half-restored',
    'A restore was interrupted, so database, keys and config may not belong together. Run it again: sudo smart-door restore FILE',
  )
}

export function beginRestore(path: string): void {
  syncOpened(restoreMark(path), 'w')
  syncOpened(dirname(path), 'r')
}

export function endRestore(path: string): void {
  rmSync(restoreMark(path), { force: true })
  syncOpened(dirname(path), 'r')
}

function syncOpened(path: string, flags: 'r' | 'w'): void {
  const file = openSync(path, flags)
  fsyncSync(file)
  closeSync(file)
}

/** Refuses files of other programs and of later versions, without changing them. */
export function checkSchema(path: string, newestVersion: number): void {
  if (sizeOf(path) === 0) return
  const { application, version } = identityOf(path)
  const isNew = application === 0 && version === 0
  if (application !== applicationId && !isNew) throw foreign(path)
  if (version > newestVersion) throw tooNew(path, version, newestVersion)
}

interface FileIdentity {
  readonly application: number
  readonly version: number
}

/**
 * Read from the header where possible, because opening the file leaves others beside it. After a
 * crash the newest values can be in the write-ahead log, which only SQLite can read.
 */
function identityOf(path: string): FileIdentity {
  const header = withStoreFaults(() => headerOf(path))
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw foreign(path)
  return sizeOf(walPath(path)) > 0
    ? withStoreFaults(() => identityInWal(path))
    : { application: header.readUInt32BE(68), version: header.readUInt32BE(60) }
}

function headerOf(path: string): Buffer {
  const header = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    readSync(file, header)
  } finally {
    closeSync(file)
  }
  return header
}

/** A read-only connection changes neither the database nor its log, not even when it closes. */
function identityInWal(path: string): FileIdentity {
  const db = new Database(path, { readonly: true })
  try {
    return { application: numberIn(db, 'application_id'), version: numberIn(db, 'user_version') }
  } finally {
    db.close()
  }
}

const foreign = (path: string) =>
  new StoreFault('not-ours', `${path} is not a smart-door's database: name another file.`)

const tooNew = (path: string, version: number, newestVersion: number) =>
  new StoreFault(
    'schema-too-new',
    `${path} was written by a later smart-door (its schema is ${version}, this program knows ${newestVersion}): install that one again, or put back the backup made before it.`,
  )

// ---------------------------------------------------------------- connections

/** SQLite's own default, and the block size of the file systems found on SD cards. */
const pageBytes = 4096

/** How long a write waits for another program that holds the database. */
const busyMs = 1_000

/** Bounds the memory that the daemon uses. */
const cacheKib = 4_096

export function connect(path: string): Database.Database {
  try {
    return openToWrite(path, 'NORMAL')
  } catch (error) {
    const fault = asStoreFault(error)
    if (!(fault instanceof StoreFault) || fault.code !== 'disk-full') throw error
    // The disk has no room for SQLite's shared-memory file. Without readers none is needed.
    return openToWrite(path, 'EXCLUSIVE')
  }
}

function openToWrite(path: string, locking: 'NORMAL' | 'EXCLUSIVE'): Database.Database {
  return opened(path, { timeout: busyMs }, (db) => {
    db.pragma(`locking_mode = ${locking}`)
    db.pragma(`page_size = ${pageBytes}`)
    db.pragma(`cache_size = ${-cacheKib}`)
    checkIsOurs(db)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('secure_delete = ON')
    // No content of the database may reach a temporary file.
    db.pragma('temp_store = MEMORY')
  })
}

/** Read-only, beside a daemon that may be writing. */
export function connectToRead(path: string, version: number): Database.Database {
  if (sizeOf(path) === 0) {
    throw new StoreFault('no-store', `There is no door's database at ${path}: start the door once.`)
  }
  return opened(path, { readonly: true, timeout: busyMs }, (db) => {
    checkIsOurs(db)
    const found = numberIn(db, 'user_version')
    if (found > version) throw tooNew(path, found, version)
    if (found < version) {
      throw new StoreFault(
        'schema-too-old',
        `${path} is from an earlier smart-door: start the door once.`,
      )
    }
  })
}

function opened(
  path: string,
  options: Database.Options,
  prepare: (db: Database.Database) => void,
): Database.Database {
  const db = new Database(path, options)
  try {
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function checkIsOurs(db: Database.Database): void {
  const isOurs = numberIn(db, 'application_id') === applicationId
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (!isOurs && tables !== 0) throw foreign(db.name)
}

/**
 * SQLite removes the WAL when the last connection that may write closes. On a full disk other
 * programs could take that room before the door starts again. A read-only connection that closes
 * last leaves the WAL in place.
 */
export function closeKeepingWal(db: Database.Database): void {
  // Without shared memory no second connection is possible.
  if (db.pragma('locking_mode', { simple: true }) === 'exclusive') return
  const last = new Database(db.name, { readonly: true })
  try {
    numberIn(last, 'user_version')
    db.close()
  } finally {
    last.close()
  }
}

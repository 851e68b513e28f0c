/**
 * The database as a file: whether it may be opened at all, by whom, and how. Whatever is refused
 * here is left exactly as it was found.
 */
import { closeSync, existsSync, fsyncSync, lstatSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import { StoreFault } from '../../daemon/ports.ts'
import { faultOf, orFault } from './faults.ts'

/** "door" in ASCII; the first migration writes it. */
const applicationId = 0x646f6f72

export const walPath = (path: string): string => `${path}-wal`

/** Size in bytes, 0 for a file that is not there. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/**
 * One daemon per database. SQLite itself would let two take turns writing, but each would decide
 * from its own memory of the door. The lock is the operating system's, so it ends with the
 * process however that ends; it is on a file of its own, so readers are not kept out.
 */
export function lockOut(path: string): DaemonLock {
  const lockPath = `${path}-lock`
  const lock = orFault(() => new Database(lockPath, { timeout: 0 }))
  try {
    // Nothing is ever written to it: it must also work when the disk is full.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const fault = faultOf(error)
    if (!(fault instanceof StoreFault) || fault.code !== 'busy') throw fault
    throw inUse(path, error)
  }
  const ours = inodeOf(lockPath)
  return {
    check() {
      // A lock file that is merely gone lets nobody else in yet.
      if (![ours, undefined].includes(inodeOf(lockPath))) throw inUse(path)
    },
    release: () => lock.close(),
  }
}

export interface DaemonLock {
  /** Throws when somebody has put another lock in its place, and so may be deciding as well. */
  check(): void
  release(): void
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino

const inUse = (path: string, cause?: unknown) =>
  new StoreFault('in-use', `Another smart-door is running on ${path}: stop it first.`, { cause })

export function checkPlace(path: string): void {
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StoreFault(
      'no-folder',
      `There is no folder ${folder} for the door's database: make it.`,
    )
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StoreFault('is-a-folder', `${path} is a folder, not a database file: name a file.`)
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    // The lock that keeps a second daemon out lies beside the name by which the file is opened.
    throw new StoreFault('is-a-link', `${path} is a link: put the database itself in its place.`)
  }
}

/** Beside every database that was ever whole, so that one which is gone is missed. */
const bornPath = (path: string): string => `${path}-born`

/** A door that began anew by itself would have forgotten which codes were used, and every pause. */
export function checkNotLost(path: string): void {
  if (sizeOf(path) > 0 || !existsSync(bornPath(path))) return
  throw new StoreFault(
    'lost',
    `The door's database ${path} is gone or empty, although this door has run before: put a backup in its place. If there is none, delete ${bornPath(path)}, and the door starts anew: without its log, its visitors and its count of wrong codes, and with no code that was sent until now.`,
  )
}

export function markBorn(path: string): void {
  if (existsSync(bornPath(path))) return
  for (const [each, flags] of [
    [bornPath(path), 'w'],
    [dirname(path), 'r'],
  ] as const) {
    const file = openSync(each, flags)
    fsyncSync(file)
    closeSync(file)
  }
}

/** Refuses other people's files, and those of a later smart-door, without touching them. */
export function checkImprint(path: string, newestVersion: number): void {
  if (sizeOf(path) === 0) return
  const { application, version } = imprintOf(path)
  const isNew = application === 0 && version === 0
  if (application !== applicationId && !isNew) throw foreign(path)
  if (version > newestVersion) throw tooNew(path, version, newestVersion)
}

const foreign = (path: string) =>
  new StoreFault('not-ours', `${path} is not a smart-door's database: name another file.`)

/** SQLite's own default, and the block size of the file systems found on SD cards. */
const pageBytes = 4096

/** How long a write waits for, say, somebody with the `sqlite3` command at the same database. */
const busyMs = 1_000

/** Bounds what the daemon holds in memory. */
const cacheKib = 4_096

export function connect(path: string): Database.Database {
  try {
    return configured(path, 'NORMAL')
  } catch (error) {
    if (!isDiskFull(error)) throw error
    // Not even the few kilobytes of shared memory that SQLite keeps in a file beside the database
    // are left on the disk. Without readers it can do without.
    return configured(path, 'EXCLUSIVE')
  }
}

/** Read-only, beside a daemon that may be writing. */
export function connectToRead(path: string, version: number): Database.Database {
  if (sizeOf(path) === 0) {
    throw new StoreFault('no-store', `There is no door's database at ${path}: start the door once.`)
  }
  const db = new Database(path, { readonly: true, timeout: busyMs })
  try {
    checkIsOurs(db)
    const found = numberIn(db, 'user_version')
    if (found > version) throw tooNew(path, found, version)
    if (found < version) {
      throw new StoreFault(
        'schema-too-old',
        `${path} is from an earlier smart-door: start the door once.`,
      )
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function configured(path: string, locking: 'NORMAL' | 'EXCLUSIVE'): Database.Database {
  const db = new Database(path, { timeout: busyMs })
  try {
    db.pragma(`locking_mode = ${locking}`)
    db.pragma(`page_size = ${pageBytes}`)
    db.pragma(`cache_size = ${-cacheKib}`)
    checkIsOurs(db)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('secure_delete = ON')
    // Nothing that is in the database may end up in a temporary file.
    db.pragma('temp_store = MEMORY')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function checkIsOurs(db: Database.Database): void {
  const ours = numberIn(db, 'application_id') === applicationId
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (!ours && tables !== 0) throw foreign(db.name)
}

/**
 * Ordinarily SQLite checkpoints and then removes the WAL when the last connection closes. That
 * would give its room away, which on a full disk somebody else takes before the door starts
 * again. A read-only connection that closes last leaves it in place.
 */
export function closeKeepingWal(db: Database.Database): void {
  // Without shared memory nobody else can be let in, not even for this.
  if (db.pragma('locking_mode', { simple: true }) === 'exclusive') return
  const last = new Database(db.name, { readonly: true })
  try {
    numberIn(last, 'user_version')
    db.close()
  } finally {
    last.close()
  }
}

export const numberIn = (db: Database.Database, pragma: string): number =>
  z.parse(z.int(), db.pragma(pragma, { simple: true }))

const isDiskFull = (error: unknown): boolean => {
  const fault = faultOf(error)
  return fault instanceof StoreFault && fault.code === 'disk-full'
}

const tooNew = (path: string, version: number, newestVersion: number) =>
  new StoreFault(
    'schema-too-new',
    `${path} was written by a later smart-door (its schema is ${version}, this program knows ${newestVersion}): install that one again, or put back the backup made before it.`,
  )

interface Imprint {
  readonly application: number
  readonly version: number
}

/**
 * Read from the file's header where that holds the whole truth, because SQLite would leave files
 * beside it. After a crash the truth may be in the write-ahead log, which only SQLite can read.
 */
function imprintOf(path: string): Imprint {
  const header = headerOf(path)
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw foreign(path)
  return sizeOf(walPath(path)) > 0
    ? orFault(() => imprintInLog(path))
    : { application: header.readUInt32BE(68), version: header.readUInt32BE(60) }
}

function headerOf(path: string): Buffer {
  const header = Buffer.alloc(100)
  orFault(() => {
    const file = openSync(path, 'r')
    try {
      readSync(file, header)
    } finally {
      closeSync(file)
    }
  })
  return header
}

/** A read-only connection changes neither the database nor its log, not even when it closes. */
function imprintInLog(path: string): Imprint {
  const db = new Database(path, { readonly: true })
  try {
    return { application: numberIn(db, 'application_id'), version: numberIn(db, 'user_version') }
  } finally {
    db.close()
  }
}

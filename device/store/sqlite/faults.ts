/** Turns errors of SQLite and of the file system into a `StoreFault` with a plain sentence. */
import Database from 'better-sqlite3'
import { StoreFault } from '../../daemon/ports.ts'

/** The first match counts. */
const kinds: readonly (readonly [pattern: RegExp, code: string, sentence: string])[] = [
  [
    /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/,
    'disk-full',
    "The disk that holds the door's database is full: make room on it.",
  ],
  [/^SQLITE_BUSY/, 'busy', "Another program is using the door's database: close it and try again."],
  [
    /^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EACCES|EPERM|EROFS)/,
    'not-writable',
    "The door's database cannot be written: check owner and mode of the file and its folder.",
  ],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    'damaged',
    "The door's database is damaged: put a backup in its place.",
  ],
  [/^(SQLITE_IOERR|EIO)/, 'disk-error', "The disk that holds the door's database has failed."],
  [/^SQLITE_CONSTRAINT/, 'not-allowed', "The door's database does not accept this value."],
  [/^SQLITE_/, 'sqlite', "SQLite failed on the door's database."],
]

/** Any other error is a mistake in the program and is returned unchanged. */
export function asStoreFault(error: unknown): unknown {
  const code = codeOf(error)
  const kind = kinds.find(([pattern]) => pattern.test(code))
  return kind ? new StoreFault(kind[1], kind[2], { cause: error }) : error
}

export function withStoreFaults<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asStoreFault(error)
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Database.SqliteError) return error.code
  const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error
  return isSystemError ? String(error.code) : ''
}

/** Turns what SQLite and the file system throw into a `StoreFault` with a sentence of our own. */
import Database from 'better-sqlite3'
import { StoreFault } from '../../daemon/ports.ts'

/** The first that fits counts; what SQLite itself said stays in the fault's `cause`. */
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
    "The door's database cannot be written: check the owner and rights of the file and its folder.",
  ],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    'damaged',
    "The door's database is damaged: put a backup in its place.",
  ],
  [/^(SQLITE_IOERR|EIO)/, 'disk-error', "The disk that holds the door's database has failed."],
  [/^SQLITE_CONSTRAINT/, 'not-allowed', "The door's database does not take such a value."],
  [/^SQLITE_/, 'sqlite', 'SQLite refused what was asked of it.'],
]

/** What is neither SQLite's nor the file system's is a mistake in the program and stays as it is. */
export function faultOf(error: unknown): unknown {
  const code = codeOf(error)
  const kind = kinds.find(([pattern]) => code !== null && pattern.test(code))
  if (!kind) return error
  const [, name, sentence] = kind
  return new StoreFault(name, sentence, { cause: error })
}

export function orFault<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw faultOf(error)
  }
}

function codeOf(error: unknown): string | null {
  if (error instanceof Database.SqliteError) return error.code
  const ofSystem = error instanceof Error && 'syscall' in error && 'code' in error
  return ofSystem && typeof error.code === 'string' ? error.code : null
}

/** Copies of the database: how one is made beside a running daemon, and how a door goes on from one. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type KnownSince, restored } from '../../core/door/restored.ts'
import { type LogRow, sealRows } from '../../core/log/log-chain.ts'
import { StoreFault } from '../../daemon/ports.ts'
import { createWriter } from './commit.ts'
import { withStoreFaults } from './faults.ts'
import { checkSchema, connect, sizeOf, walPath } from './file.ts'
import { type Migration, migrate } from './migrate.ts'
import { grantColumns, grantRow, headRow, stateFrom } from './rows.ts'

/** In one step, and readable by its owner only. */
export function copyInto(db: Database.Database, to: string): void {
  const partial = `${to}.new`
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  rmSync(partial, { force: true })
  // SQLite also writes into an empty file, and leaves its mode.
  closeSync(openSync(partial, 'wx', 0o600))
  db.prepare('VACUUM INTO ?').run(partial)
  sync(partial)
  renameSync(partial, to)
  sync(dirname(to))
}

/** Without free pages, so it is smaller. */
export function copyDatabase(from: string, to: string): void {
  withStoreFaults(() => {
    const db = new Database(from, { readonly: true, fileMustExist: true })
    try {
      copyInto(db, to)
    } finally {
      db.close()
    }
  })
}

export interface FromCopy {
  readonly doorId: string
  readonly newId: () => string
  readonly reason: string
  readonly migrations: readonly Migration[]
  readonly since: KnownSince
  readonly isLockoutLost: boolean
  /** The log after the copy. Used if it continues that of the copy. */
  readonly laterRows: readonly LogRow[]
}

/** Makes a copy ready to be the door's database, in one file. Returns how many live codes it closed. */
export function prepareCopy(path: string, from: FromCopy): number {
  checkSchema(path, from.migrations.length)
  return withStoreFaults(() => {
    const db = connect(path)
    try {
      if (db.pragma('integrity_check', { simple: true }) !== 'ok') throw damagedCopy()
      migrate(db, from.migrations)
      const closed = closeGrants(db, from)
      db.pragma('journal_mode = DELETE')
      return closed
    } finally {
      db.close()
    }
  })
}

function closeGrants(db: Database.Database, from: FromCopy): number {
  const head = headRow(db.prepare('SELECT seq, hash FROM log_head').get())
  const copy = stateFrom(db.prepare('SELECT part, value FROM door_state').all(), head)
  // Of a door that has never run.
  if (!copy) return 0
  const openGrants = `SELECT ${grantColumns} FROM grants WHERE closed IS NULL`
  const open = db.prepare(openGrants).all().map(grantRow)
  const { state, record, changes } = restored({ ...from, copy, open })
  const rows = from.laterRows.filter(({ seq }) => seq > head.seq)
  const sealed = sealRows(rows.at(-1) ?? head, record, {
    doorId: from.doorId,
    atMs: state.time.highWaterMs,
    timeKnown: false,
    ids: record.map(from.newId),
  })
  createWriter(db)({ state, changes, rows: [...rows, ...sealed], acknowledged: [] })
  return record.length
}

const damagedCopy = () =>
  new StoreFault('damaged', 'The copy of the database is damaged: use another one.')

/** A power cut at any step leaves the old database or the new one. */
export function replaceDatabase(path: string, by: string): void {
  try {
    foldWal(path)
  } catch (error) {
    if (!isDamage(error)) throw error
    // Until the rename the database counts as lost, so the door does not start anew.
    rmSync(path)
    sync(dirname(path))
    rmSync(walPath(path), { force: true })
  }
  sync(by)
  renameSync(by, path)
  sync(dirname(path))
}

const isDamage = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)

/**
 * The write-ahead log belongs to the old database, and SQLite would apply it to the new one. It must
 * not just be deleted: without it, the old one may be from before it used a code.
 */
function foldWal(path: string): void {
  if (sizeOf(walPath(path)) === 0) return
  const db = new Database(path, { timeout: 1_000 })
  try {
    if (db.pragma('journal_mode = DELETE', { simple: true }) === 'delete') return
  } finally {
    db.close()
  }
  throw new StoreFault(
    'busy',
    "Another program is using the door's database: close it, and try again.",
  )
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

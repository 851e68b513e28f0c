/**
 * The way back from a later version. Before a version migrates the database it keeps a copy, named by
 * the schema. A version that finds a later schema goes on from the copy that it knows, if there is one.
 */
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { chainHash } from '../../../protocol/log-chain.ts'
import { parseDoorEnvelope } from '../../../protocol/messages/door.ts'
import type { KnownSince } from '../../core/door/restored.ts'
import type { LogHead, LogRow } from '../../core/log/log-chain.ts'
import { StoreFault } from '../../daemon/ports.ts'
import { copyInto, prepareCopy, replaceDatabase } from './copy.ts'
import { numberIn, sizeOf } from './file.ts'
import type { Migration } from './migrate.ts'
import { headRow, logRow, partsThatFit } from './rows.ts'

/** Who asks: for the log. */
export interface TakenBackBy {
  readonly doorId: string
  readonly newId: () => string
}

/** The installer's systemd-tmpfiles deletes what is older than 14 days. */
const folderOf = (path: string): string => join(dirname(path), 'before-update')
const copyOf = (path: string, schema: number): string =>
  join(folderOf(path), `schema-${schema}.sqlite`)

/** Called before a migration. Throws when there is no room: then nothing is migrated. */
export function keepWayBack(db: Database.Database, newestSchema: number): void {
  const schema = numberIn(db, 'user_version')
  if (schema === 0 || schema >= newestSchema) return
  forgetWayBack(db.name)
  copyInto(db, copyOf(db.name, schema))
}

/** Returns whether there was a way back. Called while this process holds the lock. */
export function takeBack(path: string, migrations: readonly Migration[], by: TakenBackBy): boolean {
  const schema = newestCopy(path, migrations.length)
  if (schema === null) return false
  const partial = `${path}-taken-back`
  removeDatabase(partial)
  copyFileSync(copyOf(path, schema), partial)
  const reason = 'a later version was undone'
  const known = knownOf(path, headOf(partial))
  prepareCopy(partial, { ...by, ...known, isLockoutLost: true, reason, migrations })
  replaceDatabase(path, partial)
  forgetWayBack(path)
  return true
}

export function forgetWayBack(path: string): void {
  rmSync(folderOf(path), { recursive: true, force: true })
}

/** The time that a database which is to be replaced knows, if it can be read. */
export function knownTime(path: string): KnownSince['time'] {
  return readable(path, (db) => {
    const rows = db.prepare('SELECT part, value FROM door_state').all()
    return partsThatFit(rows).time
  })
}

/** Whether any code was ever granted to the door; also if that cannot be known. */
export function wasUsed(path: string): boolean {
  if (sizeOf(path) === 0) return false
  const first = 'SELECT 1 FROM grants LIMIT 1'
  return readable(path, (db) => db.prepare(first).get() !== undefined) ?? true
}

function readable<T>(path: string, read: (db: Database.Database) => T): T | undefined {
  if (sizeOf(path) === 0) return undefined
  try {
    const db = new Database(path, { readonly: true })
    try {
      return read(db)
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined
    throw error
  }
}

function newestCopy(path: string, newestSchema: number): number | null {
  for (let schema = newestSchema; schema > 0; schema -= 1) {
    if (sizeOf(copyOf(path, schema)) > 0) return schema
  }
  return null
}

/** What an interrupted run left. */
function removeDatabase(path: string): void {
  const files = readdirSync(dirname(path)).map((name) => join(dirname(path), name))
  for (const file of files.filter((name) => name.startsWith(path))) rmSync(file)
}

function headOf(path: string): LogHead {
  const db = new Database(path, { readonly: true })
  try {
    return headRow(db.prepare('SELECT seq, hash FROM log_head').get())
  } finally {
    db.close()
  }
}

interface Known {
  readonly since: KnownSince
  readonly laterRows: readonly LogRow[]
}

/** Of a database whose tables may have any form. */
function knownOf(path: string, head: LogHead): Known {
  const db = new Database(path, { readonly: true })
  const rowsOf = (sql: string, ...values: unknown[]): readonly unknown[] => {
    try {
      return db.prepare(sql).all(...values)
    } catch (error) {
      if (error instanceof Database.SqliteError) return []
      throw error
    }
  }
  try {
    const laterRows = continuing(
      head,
      rowsOf('SELECT seq, text, hash FROM log WHERE seq > ? ORDER BY seq', head.seq),
    )
    const parts = partsThatFit(rowsOf('SELECT part, value FROM door_state'))
    const time = parts.time ?? { highWaterMs: lastTimeIn(laterRows), uptimeMs: 0 }
    return { since: { ...parts, time }, laterRows }
  } finally {
    db.close()
  }
}

function continuing(head: LogHead, found: readonly unknown[]): readonly LogRow[] {
  const rows: LogRow[] = []
  let last = head
  for (const row of found.map(rowOrNull)) {
    if (!row || parseDoorEnvelope(row.text)?.prev !== last.hash) return rows
    rows.push(row)
    last = row
  }
  return rows
}

function rowOrNull(row: unknown): LogRow | null {
  try {
    const { text, hash, seq } = logRow(row)
    return chainHash(text) === hash ? { seq, text, hash } : null
  } catch (error) {
    if (error instanceof StoreFault) return null
    throw error
  }
}

const lastTimeIn = (rows: readonly LogRow[]): number =>
  parseDoorEnvelope(rows.at(-1)?.text ?? '')?.atMs ?? 0

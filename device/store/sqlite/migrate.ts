/** Brings a database to the newest schema: applies the numbered files in order. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { StoreFault } from '../../daemon/ports.ts'

export interface Migration {
  readonly version: number
  readonly sql: string
}

export const shippedMigrations = (): readonly Migration[] =>
  readMigrations(join(import.meta.dirname, 'migrations'))

export function readMigrations(folder: string): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name, index) => {
    const version = index + 1
    if (!name.startsWith(`${String(version).padStart(3, '0')}-`)) {
      throw new Error(`${name}: expected migration number ${version}`)
    }
    return { version, sql: readFileSync(join(folder, name), 'utf8') }
  })
}

/** Each file takes effect together with its number, or not at all. */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  const apply = db.transaction(({ version, sql }: Migration) => {
    db.exec(sql)
    db.pragma(`user_version = ${version}`)
  })
  const present = Number(db.pragma('user_version', { simple: true }))
  for (const migration of migrations.slice(present)) {
    try {
      apply.exclusive(migration)
    } catch (error) {
      throw new StoreFault(
        'migration-failed',
        `The door's database could not be migrated to schema ${migration.version}. It is unchanged.`,
        { cause: error },
      )
    }
  }
}

/** A later version of the store, as a list of migrations, and a program that opens a store once. */
import { writeSync } from 'node:fs'
import { type Migration, shippedMigrations } from '../../../device/store/sqlite/migrate.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'

export const laterMigrations = (sql = 'ALTER TABLE grants ADD COLUMN kind TEXT'): Migration[] => [
  ...shippedMigrations(),
  { version: shippedMigrations().length + 1, sql },
]

export const wayBackFor = { doorId: 'test-door', newId: () => 'f'.repeat(32) }

const [, program, path, version] = process.argv
if (program === import.meta.filename && path !== undefined) {
  const migrations = version === 'later' ? laterMigrations() : shippedMigrations()
  openStore(path, { warn() {}, migrations, wayBackFor })
  writeSync(1, 'opened\n')
}

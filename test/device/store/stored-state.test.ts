/**
 * The form of the stored JSON. A version that meets the form of another refuses to start, unless the
 * number of the schema says so: a change of the form needs a new file in `migrations/`.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { shippedMigrations } from '../../../device/store/sqlite/migrate.ts'
import { storedState } from '../../../device/store/sqlite/rows.ts'

test('is the one of this schema number', async () => {
  const schema = shippedMigrations().length
  const form = z.toJSONSchema(storedState, { io: 'input' })
  // A new number gets a new file; that of a released one never changes.
  const golden = join(import.meta.dirname, `../../fixtures/stored-state-${schema}.txt`)
  await expect(`${JSON.stringify(form, null, 1)}\n`).toMatchFileSnapshot(golden)
})

/** What dynalite does not keep of a table: when its items expire, and whether it has a stream. */
import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod/mini'

const shape = z.object({
  expiresBy: z.nullable(z.string()),
  stream: z.nullable(z.enum(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'])),
})
const fileShape = z.record(z.string(), shape)

export type TableSettings = Readonly<z.infer<typeof shape>>
export type StreamView = NonNullable<TableSettings['stream']>

export interface Settings {
  of(table: string): TableSettings
  all(): readonly (readonly [string, TableSettings])[]
  change(table: string, settings: Partial<TableSettings>): void
  forget(table: string): void
}

const plain: TableSettings = { expiresBy: null, stream: null }

/** Kept in `file`, unless that is null. */
export function settingsOf(file: string | null): Settings {
  const tables = new Map(Object.entries(file === null ? {} : read(file)))
  const save = () => {
    if (file !== null) writeFileSync(file, JSON.stringify(Object.fromEntries(tables)))
  }
  return {
    of: (table) => tables.get(table) ?? plain,
    all: () => [...tables],
    change: (table, settings) => {
      tables.set(table, { ...(tables.get(table) ?? plain), ...settings })
      save()
    },
    forget: (table) => {
      tables.delete(table)
      save()
    },
  }
}

function read(file: string): z.infer<typeof fileShape> {
  try {
    return fileShape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return {}
    throw problem
  }
}

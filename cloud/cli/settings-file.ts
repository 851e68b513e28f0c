/** The list of doors in cdk.json. All else in the file stays as it is, also its layout. */
import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { CannotDo } from './deployment.ts'

const fileSchema = z.object({ context: z.record(z.string(), z.unknown()) })
const listSchema = z._default(z.array(z.string()), [])

export function readContext(path: string): Record<string, unknown> {
  try {
    return z.parse(fileSchema, JSON.parse(readFileSync(path, 'utf8'))).context
  } catch {
    throw new CannotDo(`${path} cannot be read as the settings of a deployment.`)
  }
}

/** Returns whether the file was changed. */
export function changeDoors(
  path: string,
  change: (doorIds: readonly string[]) => readonly string[],
): boolean {
  const doors = z.parse(listSchema, readContext(path)['doors'])
  const claimable = z.parse(listSchema, readContext(path)['claimableDoors'])
  const changed = change(doors)
  const lists = { doors: changed, claimableDoors: claimable.filter((id) => changed.includes(id)) }
  const before = readFileSync(path, 'utf8')
  const after = Object.entries(lists).reduce(withList, before)
  if (after === before) return false
  writeFileSync(path, after)
  return true
}

const withList = (text: string, [name, doorIds]: readonly [string, readonly string[]]): string =>
  text.replace(
    new RegExp(`("${name}"\\s*:\\s*)\\[[^\\]]*\\]`),
    (_, key: string) => `${key}[${doorIds.map((id) => JSON.stringify(id)).join(', ')}]`,
  )

/** The settings in cdk.json, and the lists of doors there. All else in the file stays as it is. */
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import { brokenLine } from '../../terminal/broken-json.ts'
import { CannotDo } from './deployment.ts'

const fileSchema = z.looseObject({ context: z.record(z.string(), z.unknown()) })
const listSchema = z._default(z.array(z.string()), [])

export const readContext = (path: string): Record<string, unknown> => readFile(path).file.context

function readFile(path: string) {
  const text = textOf(path)
  const line = brokenLine(text)
  if (line !== null) throw new CannotDo(`${path} is not valid JSON, near line ${line}.`)
  const parsed = fileSchema.safeParse(JSON.parse(text))
  if (parsed.success) return { text, file: parsed.data }
  throw new CannotDo(`${path} has no "context": { … }, in which the settings stand.`)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new CannotDo(
      code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
    )
  }
}

type Change = (doorIds: readonly string[]) => readonly string[]

/** Refuses a file that could not be changed, before anything is changed in AWS. */
export const checkDoors = (path: string): void => void withDoors(path, (doors) => doors)

/** Returns whether the file was changed. */
export function changeDoors(path: string, change: Change): boolean {
  const { text, file, lists } = withDoors(path, change)
  const changed = { ...file, context: { ...file.context, ...lists } }
  if (isDeepStrictEqual(changed, file)) return false
  const edited = Object.entries(lists).reduce(withList, text)
  const isEdited = isDeepStrictEqual(JSON.parse(edited), changed)
  // The layout can only stay where the list was in its usual place.
  writeFileSync(path, isEdited ? edited : `${JSON.stringify(changed, null, 2)}\n`)
  return true
}

function withDoors(path: string, change: Change) {
  const { text, file } = readFile(path)
  const { context } = file
  const doors = change(listIn(path, context, 'doors'))
  const claimable = listIn(path, context, 'claimableDoors').filter((id) => doors.includes(id))
  const lists: Record<string, readonly string[]> = {
    ...((doors.length > 0 || 'doors' in context) && { doors }),
    ...('claimableDoors' in context && { claimableDoors: claimable }),
  }
  return { text, file, lists }
}

function listIn(path: string, context: Record<string, unknown>, name: string): readonly string[] {
  const list = listSchema.safeParse(context[name])
  if (list.success) return list.data
  throw new CannotDo(`"${name}" in ${path} is not a list of doors, as in ["oak-lane_front"].`)
}

const withList = (text: string, [name, doorIds]: readonly [string, readonly string[]]): string =>
  text.replace(
    new RegExp(`("${name}"\\s*:\\s*)\\[[^\\]]*\\]`),
    (_, key: string) => `${key}[${doorIds.map((id) => JSON.stringify(id)).join(', ')}]`,
  )

/** What every program that is typed by a person has in common: its mistakes, and its version. */
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'

/** What `parseArgs` says about a wrong option, without its advice on shells; else `null`. */
export function misuse(error: unknown): string | null {
  if (!(error instanceof TypeError) || !('code' in error)) return null
  if (!String(error.code).startsWith('ERR_PARSE_ARGS')) return null
  return /^.*?['"]\.(?= )/.exec(error.message)?.[0] ?? error.message
}

const packageSchema = z.object({ version: z.string() })

export function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return z.parse(packageSchema, JSON.parse(readFileSync(file, 'utf8'))).version
}

/** What all programs share that people run in a terminal: output, usage mistakes, version. */
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { closestTo, didYouMean } from './did-you-mean.ts'

/** Exit code of a command that was used wrongly (EX_USAGE of sysexits.h). */
export const usageExitCode = 64

interface Output {
  write(text: string): unknown
  on?(event: 'error', listener: () => void): unknown
  readonly isTTY?: boolean
}

/** `process`, except in tests. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
}

/** A command was used wrongly. */
export class Misuse extends Error {
  /** The command whose help explains it. */
  readonly command: string
  constructor(message: string, command = '') {
    super(message)
    this.command = command
  }
}

/** What `parseArgs` says about a wrong option, without its advice on shells; null for other errors. */
export function misuse(error: unknown, options: readonly string[] = []): string | null {
  if (!(error instanceof TypeError) || !('code' in error)) return null
  if (!String(error.code).startsWith('ERR_PARSE_ARGS')) return null
  const sentence = /^.*?['"]\.(?= )/.exec(error.message)?.[0] ?? error.message
  const [, unknown] = /^Unknown option '--([^']*)'/.exec(sentence) ?? []
  const meant = unknown === undefined ? null : closestTo(unknown, options)
  return meant === null ? sentence : `${sentence} ${didYouMean(`--${meant}`)}`
}

const packageSchema = z.object({ version: z.string() })

export function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return z.parse(packageSchema, JSON.parse(readFileSync(file, 'utf8'))).version
}

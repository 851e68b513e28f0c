/** The blocks of docs/cloud.md: an owner's commands, which the rehearsal runs in this order. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { root } from '../support/project-files.ts'

export interface CommandBlocks {
  /** The settings that an owner puts into cdk.json. */
  readonly settings: Readonly<Record<string, string>>
  /** The lines of the next block. Throws when `first` is not how it begins. */
  next(first: string): readonly string[]
  /** Throws when a block was not used. */
  end(): void
}

const block = /^ *```(sh|json)\n([\s\S]*?)^ *```$/gm
const settingsSchema = z.record(z.string(), z.string())

export function commandBlocks(): CommandBlocks {
  const text = readFileSync(join(root, 'docs/cloud.md'), 'utf8')
  const found = [...text.matchAll(block)].map(([, kind, content = '']) => ({ kind, content }))
  const settings = found.find(({ kind }) => kind === 'json')?.content ?? '{}'
  const blocks = found
    .filter(({ kind }) => kind === 'sh')
    .map(({ content }) => content.trim().split(/\n */))
  return {
    settings: z.parse(settingsSchema, JSON.parse(settings)),
    next(first) {
      const lines = blocks.shift() ?? []
      if (lines[0]?.startsWith(first)) return lines
      throw new Error(
        `docs/cloud.md: expected a block that begins with "${first}", not "${lines[0]}".`,
      )
    },
    end() {
      const [left] = blocks
      if (left) throw new Error(`docs/cloud.md: the rehearsal does not run "${left[0]}".`)
    },
  }
}

/** The words of a command line, as a shell reads them. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain)

/** The value of an option in one of these lines. */
export function optionIn(lines: readonly string[], name: string): string {
  const words = lines.flatMap(wordsOf)
  return words[words.indexOf(`--${name}`) + 1] ?? ''
}

/** Lines that the rehearsal does not run itself, each with the reason. */
const standIns: Readonly<Record<string, string>> = {
  'npm ci': 'The packages are installed already.',
  'export AWS_REGION=': 'The region is in the environment of every command.',
  'npx cdk bootstrap': 'The simulated account is bootstrapped already.',
  'sudo systemctl restart smart-door': 'The rehearsal starts the daemon itself.',
}

export const isRun = (line: string): boolean =>
  !Object.keys(standIns).some((start) => line.startsWith(start))

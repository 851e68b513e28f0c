/**
 * Where benchmarks do their work: a folder on the disk that also holds the project, because what
 * is called temporary may well lie in memory, where an fsync costs nothing. Whatever was started
 * or written is gone when the program ends, however it ends.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url))

export interface Workshop {
  /** A smoke test: few samples, whose figures mean nothing. */
  readonly quick: boolean
  /** How long what is measured in real time takes, when somebody wants to wait for it. */
  readonly minutes: number | null
  /** A new folder of its own. */
  folder(name: string): string
  /** Ends with the program at the latest. */
  look<Child extends ChildProcess>(child: Child): Child
  /** For whoever waits; not part of the result. */
  say(text: string): void
}

export function openWorkshop(
  quick: boolean,
  minutes: number | null,
  say: (text: string) => void,
): Workshop {
  const parent = join(projectFolder, 'node_modules', '.cache')
  mkdirSync(parent, { recursive: true })
  const root = mkdtempSync(join(parent, 'bench-'))
  const children = new Set<ChildProcess>()
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
  return {
    quick,
    minutes,
    folder: (name) => mkdtempSync(join(root, `${name}-`)),
    look(child) {
      children.add(child)
      child.once('exit', () => children.delete(child))
      return child
    },
    say,
  }
}

/**
 * A folder for benchmarks on the disk of the project, because a temporary folder may be in memory,
 * where fsync costs nothing. Files and processes are removed when the program ends.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url))

export interface Workshop {
  /** A smoke test: few samples, whose figures mean nothing. */
  readonly quick: boolean
  /** The length of measurements in real time, when it was given. */
  readonly minutes: number | null
  /** A new folder of its own. */
  folder(name: string): string
  /** Ends with this program at the latest. */
  look<Child extends ChildProcess>(child: Child): Child
  /** Progress; not part of the result. */
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

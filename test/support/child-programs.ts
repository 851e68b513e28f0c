/** The child processes of a process, from /proc. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ChildProgram {
  readonly pid: number
  readonly words: readonly string[]
}

/** All descendants except zombies. */
export function programsOf(parentPid = process.pid): ChildProgram[] {
  const children = childrenOf(parentPid)
  return children.flatMap((pid) => {
    const words = wordsOf(pid)
    return [...(words.length > 0 ? [{ pid, words }] : []), ...programsOf(pid)]
  })
}

function childrenOf(pid: number): number[] {
  return readOr('', () =>
    readdirSync(`/proc/${pid}/task`)
      .map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'))
      .join(' '),
  )
    .split(' ')
    .flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : []))
}

const wordsOf = (pid: number): string[] =>
  readOr('', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    .split('\0')
    .filter((word) => word !== '')

/** A process may end between two reads. */
function readOr(otherwise: string, read: () => string): string {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** Keeps the folder of the door's database private: at every start, other users lose access to it. */
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StoreFault } from '../daemon/ports.ts'

const othersMask = 0o077

export function makePrivate(databasePath: string): void {
  const folder = dirname(databasePath)
  process.umask(othersMask)
  explained(`The folder ${folder} for the door's database cannot be created`, () =>
    mkdirSync(folder, { recursive: true }),
  )
  const files = readdirSync(folder).filter((name) => name.startsWith(basename(databasePath)))
  for (const path of [folder, ...files.map((name) => join(folder, name))]) {
    const { mode } = statSync(path)
    if ((mode & othersMask) === 0) continue
    explained(`Other users can read ${path}, and its mode cannot be changed`, () =>
      chmodSync(path, mode & ~othersMask & 0o777),
    )
  }
}

function explained(sentence: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new StoreFault('not-private', `${sentence} (${code}): check its owner.`, { cause: error })
  }
}

/**
 * The folder of the door's database: nobody else on this machine has any business in it. Whatever
 * was left open, by a careless copy or an earlier program, is closed to others at every start.
 */
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StoreFault } from '../daemon/ports.ts'

const toOthers = 0o077

export function closeToOthers(databasePath: string): void {
  const folder = dirname(databasePath)
  process.umask(toOthers)
  orSay(`The folder ${folder} for the door's database cannot be made`, () =>
    mkdirSync(folder, { recursive: true }),
  )
  const isOurs = (name: string) => name.startsWith(basename(databasePath))
  for (const path of [
    folder,
    ...readdirSync(folder)
      .filter(isOurs)
      .map((name) => join(folder, name)),
  ]) {
    const { mode } = statSync(path)
    if ((mode & toOthers) === 0) continue
    orSay(`${path} is open to other users of this machine, and cannot be closed to them`, () =>
      chmodSync(path, mode & ~toOthers & 0o777),
    )
  }
}

function orSay(sentence: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new StoreFault('not-private', `${sentence} (${code}): see who owns it.`, { cause: error })
  }
}

/**
 * Fragments on the disk while the way up is closed. They do not outlive the process: whoever starts
 * anew starts with an empty folder. One thing is done at a time, in the order it was asked for.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FragmentDisk {
  write(number: number, chunks: readonly Buffer[], done: (written: boolean) => void): void
  read(number: number, done: (bytes: Buffer | null) => void): void
  erase(number: number): void
  /** When all that was asked for is done, and the folder is gone. */
  close(): Promise<void>
}

export function fragmentDisk(folder: string): FragmentDisk {
  const pathOf = (number: number) => join(folder, `${number}.fragment`)
  const empty = () => rm(folder, { recursive: true, force: true })
  let last: Promise<unknown> = empty().catch(() => {})
  const inTurn = (work: () => Promise<void>) => {
    last = last.then(work)
  }
  return {
    write: (number, chunks, done) =>
      inTurn(async () => {
        done(await succeeds(() => put(folder, pathOf(number), chunks)))
      }),
    read: (number, done) =>
      inTurn(async () => {
        done(await readFile(pathOf(number)).catch(() => null))
      }),
    erase: (number) => inTurn(() => rm(pathOf(number), { force: true }).catch(() => {})),
    async close() {
      await last
      await empty().catch(() => {})
    },
  }
}

async function put(folder: string, path: string, chunks: readonly Buffer[]): Promise<void> {
  // Pictures of people: nobody else on this machine has to see them.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(path, chunks, { mode: 0o600 })
}

async function succeeds(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    return false
  }
}

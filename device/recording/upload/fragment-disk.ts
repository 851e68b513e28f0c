/**
 * Fragments on disk while the connection is down. They do not outlive the process: the folder is
 * emptied at the start. Operations run one at a time, in order.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export class FragmentDisk {
  readonly #folder: string
  #last: Promise<void>

  constructor(folder: string) {
    this.#folder = folder
    this.#last = this.#empty()
  }

  /** Calls `done` with whether it succeeded. */
  write(number: number, chunks: readonly Buffer[], done: (succeeded: boolean) => void): void {
    this.#enqueue(async () => {
      const succeeded = await this.#put(number, chunks).then(
        () => true,
        () => false,
      )
      done(succeeded)
    })
  }

  read(number: number, done: (bytes: Buffer | null) => void): void {
    this.#enqueue(async () => done(await readFile(this.#pathOf(number)).catch(() => null)))
  }

  erase(number: number): void {
    this.#enqueue(() => rm(this.#pathOf(number), { force: true }).catch(() => {}))
  }

  /** Settles when all operations are done and the folder is gone. */
  async close(): Promise<void> {
    await this.#last
    await this.#empty()
  }

  #enqueue(work: () => Promise<void>): void {
    this.#last = this.#last.then(work)
  }

  #empty(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true }).catch(() => {})
  }

  async #put(number: number, chunks: readonly Buffer[]): Promise<void> {
    // Video of people: not readable for other users of the machine.
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(this.#pathOf(number), chunks, { mode: 0o600 })
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${number}.fragment`)
  }
}

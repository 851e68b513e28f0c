/**
 * The tablets that may use the keypad page: one file each, named by the hash of the tablet's secret, so
 * that daemon and commands change the folder at the same time without a lock. A tablet whose file is
 * removed is out at once.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  watch,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { syncFolder, writeDurably } from '../identity/identity-folder.ts'

const secretBytes = 32
const suffix = '.json'
const seenToMs = 3_600_000
const contentSchema = z.object({ name: z.string(), pairedAtMs: z.int() })

export interface PairedTablet {
  /** The hash of its secret. */
  readonly id: string
  readonly name: string
  readonly pairedAtMs: number
  /** To the hour. */
  readonly seenAtMs: number
}

export class PairedTablets {
  readonly #folder: string

  /** `folder` exists. */
  constructor(folder: string) {
    this.#folder = join(folder, 'paired')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  has = (id: string): boolean => existsSync(this.#pathOf(id))

  bySecret(secret: string): PairedTablet | null {
    return this.#read(idOf(secret))
  }

  all(): readonly PairedTablet[] {
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(suffix))
      .map((file) => this.#read(file.slice(0, -suffix.length)))
      .filter((tablet) => tablet !== null)
      .sort((a, b) => a.pairedAtMs - b.pairedAtMs)
  }

  /** Returns the secret, which is stored nowhere here. */
  add(name: string, pairedAtMs: number): { readonly id: string; readonly secret: string } {
    const secret = randomBytes(secretBytes).toString('base64url')
    const id = idOf(secret)
    const path = this.#pathOf(id)
    writeDurably(`${path}.new`, `${JSON.stringify({ name, pairedAtMs })}\n`, null)
    renameSync(`${path}.new`, path)
    syncFolder(this.#folder)
    return { id, secret }
  }

  remove({ id }: PairedTablet): void {
    rmSync(this.#pathOf(id), { force: true })
    syncFolder(this.#folder)
  }

  /** At most once an hour, to spare the disk. */
  seen({ id, seenAtMs }: PairedTablet, nowMs: number): void {
    if (Math.abs(nowMs - seenAtMs) >= seenToMs)
      utimesSync(this.#pathOf(id), nowMs / 1_000, nowMs / 1_000)
  }

  /** Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    const watcher = watch(this.#folder, { persistent: false }, listener)
    // Each request looks for itself, so that nothing but open connections depends on the watcher.
    watcher.on('error', listener)
    return () => watcher.close()
  }

  #read(id: string): PairedTablet | null {
    const path = this.#pathOf(id)
    if (!existsSync(path)) return null
    const { success, data } = z.safeParse(contentSchema, parsed(readFileSync(path, 'utf8')))
    return success ? { id, ...data, seenAtMs: statSync(path).mtimeMs } : null
  }

  #pathOf = (id: string): string => join(this.#folder, `${id}${suffix}`)
}

/** The secret is random, so it cannot be found by its hash. */
const idOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

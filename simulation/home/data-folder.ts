/**
 * Where a simulated home is stored: the door's key, its config file, its database and its cloud. The
 * folder must be empty or have been a home before, and only a home's own files in it are touched:
 * people mistype paths.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import type * as z from 'zod/mini'
import type { configSchema } from '../../device/config/settings.ts'

export interface DataFolder {
  readonly path: string
  readonly isTemporary: boolean
  /** In hex; null until the door is provisioned. */
  readonly doorKey: string | null
  readonly configFile: string
  /** What provisioning a door does with its key. */
  storeDoorKey(hex: string): void
  writeConfig(config: DoorConfig): string
  /** Deletes everything except the door's key. Nothing may be running in it. */
  clear(): void
  /** Deletes the folder if it is temporary. */
  leave(): void
}

/** The config of a simulated door without the paths, which are filled in here. */
export type DoorConfig = Omit<z.input<typeof configSchema>, 'dataDir' | 'doorKeyFile'>

const keyName = 'door-key'
/** Marks the folder as a home, for people too. */
const markName = 'smart-door-home.txt'
const markText = `A simulated home of smart-door is stored in this folder. "Forget everything" deletes its files.
Other files are left alone, but are better stored elsewhere.
`
const lockName = 'in-use'
const doorName = 'door'
const configName = 'config.json'
/** What a home writes, except its key. */
const homeFiles = [doorName, configName, 'outside.json', 'outside.json.new', 'photos', 'tables']

export function openDataFolder(requested: string | undefined): DataFolder {
  const isTemporary = requested === undefined
  const path = isTemporary ? mkdtempSync(join(tmpdir(), 'smart-door-')) : resolve(requested)
  makeFolder(path)
  const keyFile = join(path, keyName)
  const { doorKey, unlock } = explained(
    `The folder ${path} cannot be used`,
    'Give one that may be written to.',
    () => {
      markAsHome(path)
      return { unlock: lockFolder(path), doorKey: keyIn(keyFile) }
    },
  )
  const configFile = join(path, configName)
  return {
    path,
    doorKey,
    configFile,
    isTemporary,
    storeDoorKey: (hex) => writeFileSync(keyFile, `${hex}\n`, { mode: 0o600 }),
    writeConfig(config) {
      const complete = { ...config, dataDir: join(path, doorName), doorKeyFile: keyFile }
      // It contains a secret, so it is created anew with the right mode.
      rmSync(configFile, { force: true })
      writeFileSync(configFile, `${JSON.stringify(complete, null, 2)}\n`, { mode: 0o600 })
      return configFile
    },
    clear() {
      for (const name of homeFiles) remove(join(path, name))
    },
    leave() {
      unlock()
      if (isTemporary) remove(path)
    },
  }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 5 })

/** Not recursive: Node never returns from creating folders recursively in `/proc`. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is a file, not a folder.`)
    return
  }
  const advice = 'Give one whose parent exists and may be written to.'
  explained(`The folder ${path} cannot be made`, advice, () => mkdirSync(path, { mode: 0o700 }))
}

class Unsuitable extends Error {
  override readonly name = 'Unsuitable'
}

function markAsHome(path: string): void {
  const names = readdirSync(path)
  if (names.includes(markName)) return
  if (names.length > 0) {
    throw new Unsuitable(
      `The folder ${path} holds other things, which are left alone. Give an empty folder, or a name that is not taken yet.`,
    )
  }
  writeFileSync(join(path, markName), markText, { flag: 'wx' })
}

/**
 * The operating system releases a database's lock when its process ends, however it ends. A file
 * with a process id could be stale, and ids are reused.
 */
function lockFolder(path: string): () => void {
  const lock = new Database(join(path, lockName), { timeout: 0 })
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    held.add(lock)
  } catch (error) {
    lock.close()
    if (codeOf(error) !== 'SQLITE_BUSY') throw error
    throw new Unsuitable(`Another smart-door is running in ${path}: stop it first.`)
  }
  return () => {
    lock.close()
    held.delete(lock)
  }
}

/** An unreferenced database would be closed by the garbage collector, and its lock released. */
const held = new Set<object>()

const keyIn = (file: string): string | null =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() : null

function explained<T>(sentence: string, advice: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Unsuitable) throw error
    throw new Error(`${sentence} (${codeOf(error)}). ${advice}`, { cause: error })
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

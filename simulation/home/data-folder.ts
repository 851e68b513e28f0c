/**
 * Where a simulated home lives: the door's key, its config file, its database and its cloud. Only an
 * empty folder is taken, or one that was taken before, and in it nothing is touched but what a home
 * writes: people mistype paths.
 */
import { randomBytes } from 'node:crypto'
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
import { doorKeyBytes } from '../../protocol/passcode.ts'

export interface DataFolder {
  readonly path: string
  readonly isTemporary: boolean
  readonly doorKey: Buffer
  readonly configFile: string
  writeConfig(config: DoorConfig): string
  /** Forgets everything but the door's key, while nothing runs in it. */
  clear(): void
  /** A temporary folder goes; one that was asked for stays as it is. */
  leave(): void
}

/** What every simulated door's config has in common is filled in here. */
export type DoorConfig = Omit<z.input<typeof configSchema>, 'dataDir' | 'doorKeyFile'>

const keyName = 'door-key'
/** Says that the folder is a home, to people too. */
const markName = 'smart-door-home.txt'
const markText = `A simulated home of smart-door lives in this folder, and may be asked to forget everything.
Other files are left alone, but are better kept elsewhere.
`
const lockName = 'in-use'
const doorName = 'door'
const configName = 'config.json'
/** All that a home writes, beside its key. */
const forgettable = [doorName, configName, 'outside.json', 'outside.json.new', 'photos', 'tables']

export function openDataFolder(wanted: string | undefined): DataFolder {
  const path = wanted === undefined ? mkdtempSync(join(tmpdir(), 'smart-door-')) : resolve(wanted)
  makeFolder(path)
  const keyFile = join(path, keyName)
  const { doorKey, letGo } = orSay(
    `The folder ${path} cannot be used`,
    'Give one that may be written to.',
    () => {
      markAsHome(path)
      return { letGo: takeFolder(path), doorKey: keyIn(keyFile) }
    },
  )
  const configFile = join(path, configName)
  return {
    ...{ path, doorKey, configFile, isTemporary: wanted === undefined },
    writeConfig(config) {
      const complete = { ...config, dataDir: join(path, doorName), doorKeyFile: keyFile }
      // A secret of the simulation's is in it.
      rmSync(configFile, { force: true })
      writeFileSync(configFile, `${JSON.stringify(complete, null, 2)}\n`, { mode: 0o600 })
      return configFile
    },
    clear() {
      for (const name of forgettable) remove(join(path, name))
    },
    leave() {
      letGo()
      if (wanted === undefined) remove(path)
    },
  }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 5 })

/** Its parent has to be there: Node never returns from making folders upwards in `/proc`. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is a file, not a folder.`)
    return
  }
  const advice = 'Give one whose parent exists and may be written to.'
  orSay(`The folder ${path} cannot be made`, advice, () => mkdirSync(path, { mode: 0o700 }))
}

class NotOurs extends Error {
  override readonly name = 'NotOurs'
}

function markAsHome(path: string): void {
  const names = readdirSync(path)
  if (names.includes(markName)) return
  if (names.length > 0) {
    throw new NotOurs(
      `The folder ${path} holds other things, which are left alone. Give an empty folder, or a name that is not taken yet.`,
    )
  }
  writeFileSync(join(path, markName), markText, { flag: 'wx' })
}

/**
 * The system itself lets go of a database's lock when its holder is gone, however it ended. A file
 * with a process number would have to be believed, and numbers are given again.
 */
function takeFolder(path: string): () => void {
  const lock = new Database(join(path, lockName), { timeout: 0 })
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    held.add(lock)
  } catch (error) {
    lock.close()
    if (codeOf(error) !== 'SQLITE_BUSY') throw error
    throw new NotOurs(`Another smart-door is running in ${path}: stop it first.`)
  }
  return () => {
    lock.close()
    held.delete(lock)
  }
}

/** A database that nobody refers to is closed, and its lock is gone. */
const held = new Set<object>()

function keyIn(file: string): Buffer {
  if (!existsSync(file)) {
    const key = `${randomBytes(doorKeyBytes).toString('hex')}\n`
    writeFileSync(file, key, { mode: 0o600, flag: 'wx' })
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')
}

function orSay<T>(sentence: string, advice: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof NotOurs) throw error
    throw new Error(`${sentence} (${codeOf(error)}). ${advice}`, { cause: error })
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

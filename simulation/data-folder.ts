/** Where a simulated home lives: the door's key, its config file, its database and its cloud. */
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
import type * as z from 'zod/mini'
import type { configSchema } from '../device/config.ts'
import { doorKeyBytes } from '../protocol/passcode.ts'

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
const markName = 'in-use-by'

export function openDataFolder(wanted: string | undefined): DataFolder {
  const path = wanted === undefined ? mkdtempSync(join(tmpdir(), 'smart-door-')) : resolve(wanted)
  makeFolder(path)
  const mark = join(path, markName)
  const keyFile = join(path, keyName)
  const doorKey = orSay(
    `The folder ${path} cannot be used`,
    'Give one that may be written to.',
    () => {
      takeFolder(path, mark)
      return keyIn(keyFile)
    },
  )
  const configFile = join(path, 'config.json')
  return {
    ...{ path, doorKey, configFile, isTemporary: wanted === undefined },
    writeConfig(config) {
      const complete = { ...config, dataDir: path, doorKeyFile: keyFile }
      writeFileSync(configFile, `${JSON.stringify(complete, null, 2)}\n`)
      return configFile
    },
    clear() {
      for (const name of readdirSync(path)) {
        if (![keyName, markName].includes(name)) remove(join(path, name))
      }
    },
    leave() {
      remove(wanted === undefined ? path : mark)
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

class FolderInUse extends Error {
  override readonly name = 'FolderInUse'
}

/** The mark of a program that was killed is worth nothing. */
function takeFolder(path: string, mark: string): void {
  const owner = existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : null
  if (owner !== null && owner !== process.pid && isRunning(owner)) {
    throw new FolderInUse(`Another smart-door is running in ${path}: stop it first.`)
  }
  writeFileSync(mark, String(process.pid))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

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
    if (error instanceof FolderInUse) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new Error(`${sentence} (${code}). ${advice}`, { cause: error })
  }
}

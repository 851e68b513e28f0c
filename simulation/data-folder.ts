/** Where a simulated door lives: its key, its config file and its database. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type * as z from 'zod/mini'
import type { configSchema } from '../device/config.ts'
import { doorKeyBytes } from '../protocol/passcode.ts'

export interface DataFolder {
  readonly path: string
  readonly isTemporary: boolean
  readonly doorKey: Buffer
  writeConfig(config: DoorConfig): string
  /** A temporary folder goes; one that was asked for stays as it is. */
  leave(): void
}

/** What every simulated door's config has in common is filled in here. */
export type DoorConfig = Omit<z.input<typeof configSchema>, 'dataDir' | 'doorKeyFile'>

export function openDataFolder(wanted: string | undefined): DataFolder {
  const path = wanted === undefined ? mkdtempSync(join(tmpdir(), 'smart-door-')) : resolve(wanted)
  if (!existsSync(path)) makeFolder(path)
  const keyFile = join(path, 'door-key')
  if (!existsSync(keyFile)) {
    const key = `${randomBytes(doorKeyBytes).toString('hex')}\n`
    writeFileSync(keyFile, key, { mode: 0o600, flag: 'wx' })
  }
  return {
    path,
    isTemporary: wanted === undefined,
    doorKey: Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex'),
    writeConfig(config) {
      const file = join(path, 'config.json')
      const complete = { ...config, dataDir: path, doorKeyFile: keyFile }
      writeFileSync(file, `${JSON.stringify(complete, null, 2)}\n`)
      return file
    },
    leave() {
      if (wanted === undefined) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Its parent has to be there: Node never returns from making folders upwards in `/proc`. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The data folder cannot be made (${reason}). Give one whose parent exists and may be written to.`,
      { cause: error },
    )
  }
}

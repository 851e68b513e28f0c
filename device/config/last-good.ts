/**
 * A copy of the config file from the last start that worked. It says how the hardware is wired when the
 * file itself cannot be read, so that people can still leave.
 */
import { chmodSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../identity/identity-folder.ts'
import { ConfigError, readConfig } from './config.ts'
import type { Config } from './settings.ts'

/** Null where systemd does not run the daemon: the config file itself names its other folders. */
export const lastGoodPath = (env: Readonly<Record<string, string | undefined>>): string | null =>
  env['STATE_DIRECTORY'] ? join(env['STATE_DIRECTORY'], 'last-good-config.json') : null

/** Throws the mistakes of the file itself where there is no usable copy. */
export function configOrLastGood(
  path: string,
  copy: string | null,
): { readonly config: Config; readonly isCopy: boolean } {
  try {
    return { config: readConfig(path), isCopy: false }
  } catch (error) {
    if (!(error instanceof ConfigError) || copy === null) throw error
    try {
      return { config: readConfig(copy), isCopy: true }
    } catch {
      throw error
    }
  }
}

export function saveLastGood(path: string, copy: string): void {
  const content = readFileSync(path, 'utf8')
  if (content === contentOf(copy)) {
    chmodSync(copy, 0o600)
  } else {
    writeDurably(`${copy}.new`, content, null)
    renameSync(`${copy}.new`, copy)
  }
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

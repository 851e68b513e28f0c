/**
 * The file with the door's key. While the key is being replaced it holds two: the cloud derives
 * codes from the old key until it has the new one, so both are valid for a while.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Owner, syncFolder, writeDurably } from './identity-folder.ts'

/** The cloud caches a key for five minutes, and a code is valid for five more. */
export const oldKeyValidMs = 15 * 60_000

/** At most one of `next`, which the cloud may have already, and `old`, which it may still use. */
export interface DoorKeys {
  readonly own: string
  readonly next: string | null
  readonly old: string | null
}

const format = /^([0-9a-f]{64})\n?(?:(next|old) ([0-9a-f]{64})\n?)?$/

/** Null when the content is invalid. Throws when the file cannot be read. */
export function readKeys(path: string): DoorKeys | null {
  const [, own, kind, second = null] = format.exec(readFileSync(path, 'utf8').trim()) ?? []
  if (own === undefined) return null
  return { own, next: kind === 'next' ? second : null, old: kind === 'old' ? second : null }
}

/** In one step: a daemon that reads the file finds the old or the new content. */
export function writeKeys(
  path: string,
  { own, next, old }: DoorKeys,
  owner: Owner | null = null,
): void {
  const second = next === null ? old && `old ${old}\n` : `next ${next}\n`
  writeDurably(`${path}.new`, `${own}\n${second ?? ''}`, owner)
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

/**
 * Every valid key except the one that the daemon started with. Read again on each call, because
 * keys are replaced while the daemon runs. None if the file cannot be read.
 */
export function otherKeys(path: string, startedWith: Uint8Array): readonly KeyObject[] {
  const started = Buffer.from(startedWith).toString('hex')
  return validKeys(path)
    .filter((key) => key !== started)
    .map((key) => createSecretKey(Buffer.from(key, 'hex')))
}

export function isOldKeyValid(path: string): boolean {
  const ageMs = Date.now() - statSync(path).mtimeMs
  // A negative age means that the clock was set back.
  return ageMs >= 0 && ageMs < oldKeyValidMs
}

function validKeys(path: string): readonly string[] {
  try {
    const keys = readKeys(path)
    if (!keys) return []
    const old = isOldKeyValid(path) ? keys.old : null
    return [keys.own, keys.next, old].filter((key) => key !== null)
  } catch {
    return []
  }
}

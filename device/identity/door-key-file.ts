/**
 * The door's key on its disk. While it is being replaced there are two: the cloud goes on making
 * codes from the old one until it has heard of the new one, so for a while either counts.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Owner, syncFolder, writeDurably } from './identity-folder.ts'

/** The cloud may hold a key for five minutes, a code is good for five, and then some. */
export const oldCountsForMs = 15 * 60_000

/** At most one of `next` and `old`: the cloud may have `next` already, or make codes from `old` still. */
export interface DoorKeys {
  readonly own: string
  readonly next: string | null
  readonly old: string | null
}

const form = /^([0-9a-f]{64})\n?(?:(next|old) ([0-9a-f]{64})\n?)?$/

/** Null when it is not as it should be. */
export function keysIn(content: string): DoorKeys | null {
  const [, own, kind, beside = null] = form.exec(content.trim()) ?? []
  if (own === undefined) return null
  return { own, next: kind === 'next' ? beside : null, old: kind === 'old' ? beside : null }
}

export const readKeys = (path: string): DoorKeys | null => keysIn(readFileSync(path, 'utf8'))

/** In one step: a daemon that reads it finds the old file or the new one. */
export function writeKeys(
  path: string,
  { own, next, old }: DoorKeys,
  owner: Owner | null = null,
): void {
  const beside = next === null ? old && `old ${old}\n` : `next ${next}\n`
  writeDurably(`${path}.new`, `${own}\n${beside ?? ''}`, owner)
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

/**
 * Every key that counts but the one that the daemon was started with: read again each time, because
 * keys are replaced while it runs. A file that cannot be read now has none.
 */
export function otherKeys(path: string, startedWith: Uint8Array): readonly KeyObject[] {
  const started = Buffer.from(startedWith).toString('hex')
  return countingKeys(path)
    .filter((key) => key !== started)
    .map((key) => createSecretKey(Buffer.from(key, 'hex')))
}

/** Whether the key before this one counts still. */
export function oldCounts(path: string): boolean {
  const ageMs = Date.now() - statSync(path).mtimeMs
  // A clock that was set back is no reason to believe in an old key.
  return ageMs >= 0 && ageMs < oldCountsForMs
}

function countingKeys(path: string): readonly string[] {
  try {
    const keys = readKeys(path)
    if (!keys) return []
    const old = oldCounts(path) ? keys.old : null
    return [keys.own, keys.next, old].filter((key) => key !== null)
  } catch {
    return []
  }
}

/**
 * Where a door keeps its certificate and key. Each pair lies in a folder of its own, and `current`
 * points to the one that counts, so that a pair is replaced in one step and never half.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Identity } from '../daemon/ports.ts'

const files = {
  certificate: 'certificate.pem',
  key: 'private-key.pem',
  certificateId: 'certificate-id',
} as const
const current = 'current'

/** It must be taken for known to others. */
export class IdentityExposed extends Error {
  override readonly name = 'IdentityExposed'
}

/** Throws when there is none, or when others could read the key. */
export function readIdentity(folder: string, authorityFile: string | null): Identity {
  const at = (file: string) => join(folder, current, file)
  if ((statSync(at(files.key)).mode & 0o077) !== 0) {
    throw new IdentityExposed('The private key of this door can be read by others.')
  }
  return {
    certificate: readFileSync(at(files.certificate), 'utf8'),
    key: readFileSync(at(files.key), 'utf8'),
    authority: authorityFile === null ? null : readFileSync(authorityFile, 'utf8'),
  }
}

/** What the cloud calls the certificate; null where there is none. */
export function certificateIdIn(folder: string): string | null {
  const path = join(folder, current, files.certificateId)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}

/** Who runs the daemon, when it is not who writes the files. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Never what a link leads to: the folder belongs to somebody who may do less than root. */
function give(path: string, owner: Owner | null): void {
  if (owner) lchownSync(path, owner.uid, owner.gid)
}

export interface NewIdentity extends Pick<Identity, 'certificate' | 'key'> {
  readonly certificateId: string
}

/**
 * Throws where a pair could not be kept, before anybody certifies it: a pair takes some 4 kB, and
 * the folders and links around it as much again.
 */
export function checkRoom(folder: string, owner: Owner | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  give(folder, owner)
  forgetUnfinished(folder)
  const probe = join(folder, 'probe')
  try {
    writeDurably(probe, '0'.repeat(pairBytes), owner)
  } finally {
    rmSync(probe, { force: true })
  }
}

const pairBytes = 16 * 1024

/** From one moment to the next, even if the power fails in between. */
export function keepIdentity(
  folder: string,
  identity: NewIdentity,
  owner: Owner | null = null,
): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  give(folder, owner)
  const name = nextName(folder)
  try {
    writePair(join(folder, name), identity, owner)
  } catch (error) {
    // Half a pair would only take up room, on a disk that may be full.
    rmSync(join(folder, name), { recursive: true, force: true })
    throw error
  }
  const link = join(folder, 'next')
  rmSync(link, { force: true })
  symlinkSync(name, link)
  give(link, owner)
  renameSync(link, join(folder, current))
  syncFolder(folder)
}

function writePair(folder: string, identity: NewIdentity, owner: Owner | null): void {
  mkdirSync(folder, { mode: 0o700 })
  give(folder, owner)
  writeDurably(join(folder, files.key), identity.key, owner)
  writeDurably(join(folder, files.certificate), identity.certificate, owner)
  writeDurably(join(folder, files.certificateId), identity.certificateId, owner)
  syncFolder(folder)
}

/** Pairs that no longer count. */
export const forgetOldIdentities = (folder: string): void =>
  forgetBut(folder, readlinkSync(join(folder, current)))

/** Pairs that never counted, of runs that were cut off. */
const forgetUnfinished = (folder: string): void =>
  forgetBut(folder, existsSync(join(folder, current)) ? readlinkSync(join(folder, current)) : null)

function forgetBut(folder: string, kept: string | null): void {
  for (const name of numbersIn(folder).map(String)) {
    if (name !== kept) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const nextName = (folder: string): string => String(Math.max(0, ...numbersIn(folder)) + 1)

/** Nobody but the owner may read it, not even for a moment. */
export function writeDurably(path: string, content: string, owner: Owner | null): void {
  rmSync(path, { force: true })
  writeFileSync(path, content, { mode: 0o600, flag: 'wx', flush: true })
  give(path, owner)
}

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

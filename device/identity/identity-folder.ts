/**
 * The folder of the door's certificates and keys. Each pair has a folder of its own, and the link
 * `current` points to the pair in use, so that a pair is replaced in one step.
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

/** Enough for a pair, which takes 4 kB, and for its folders and links. */
const pairBytes = 16 * 1024

/** Other users could read the private key, so it may be known to them. */
export class IdentityExposed extends Error {
  override readonly name = 'IdentityExposed'
}

/** Throws when there is no identity, or when other users can read the key. */
export function readIdentity(folder: string, authorityFile: string | null): Identity {
  const at = (file: string) => join(folder, current, file)
  if ((statSync(at(files.key)).mode & 0o077) !== 0) {
    throw new IdentityExposed('Other users of this computer can read the private key of this door.')
  }
  return {
    certificate: readFileSync(at(files.certificate), 'utf8'),
    key: readFileSync(at(files.key), 'utf8'),
    authority: authorityFile === null ? null : readFileSync(authorityFile, 'utf8'),
  }
}

/** The cloud's id of the certificate; null where there is none. */
export function certificateIdIn(folder: string): string | null {
  const path = join(folder, current, files.certificateId)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}

/** The user that runs the daemon, when another user writes the files. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

export interface NewIdentity extends Pick<Identity, 'certificate' | 'key'> {
  readonly certificateId: string
}

/** Throws when a pair could not be saved. Called before a certificate is issued for it. */
export function checkRoom(folder: string, owner: Owner | null): void {
  makeFolder(folder, owner)
  removeUnusedIdentities(folder)
  const probe = join(folder, 'probe')
  try {
    writeDurably(probe, '0'.repeat(pairBytes), owner)
  } finally {
    rmSync(probe, { force: true })
  }
}

/** Replaces the pair in use in one step, even if the power fails meanwhile. */
export function saveIdentity(
  folder: string,
  identity: NewIdentity,
  owner: Owner | null = null,
): void {
  makeFolder(folder, owner)
  const name = String(Math.max(0, ...numbersIn(folder)) + 1)
  try {
    writePair(join(folder, name), identity, owner)
  } catch (error) {
    // Half a pair only takes up room, on a disk that may be full.
    rmSync(join(folder, name), { recursive: true, force: true })
    throw error
  }
  const link = join(folder, 'next')
  rmSync(link, { force: true })
  symlinkSync(name, link)
  setOwner(link, owner)
  renameSync(link, join(folder, current))
  syncFolder(folder)
}

/** Pairs that were replaced, and pairs of runs that were interrupted. */
export function removeUnusedIdentities(folder: string): void {
  const link = join(folder, current)
  const used = existsSync(link) ? readlinkSync(link) : null
  for (const name of numbersIn(folder).map(String)) {
    if (name !== used) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function writePair(folder: string, identity: NewIdentity, owner: Owner | null): void {
  makeFolder(folder, owner)
  writeDurably(join(folder, files.key), identity.key, owner)
  writeDurably(join(folder, files.certificate), identity.certificate, owner)
  writeDurably(join(folder, files.certificateId), identity.certificateId, owner)
  syncFolder(folder)
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

function makeFolder(folder: string, owner: Owner | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  setOwner(folder, owner)
}

/** Readable by the owner only, from the start. */
export function writeDurably(
  path: string,
  content: string | Uint8Array,
  owner: Owner | null,
): void {
  rmSync(path, { force: true })
  writeFileSync(path, content, { mode: 0o600, flag: 'wx', flush: true })
  setOwner(path, owner)
}

/** Never follows a link: the folder belongs to a user with fewer rights than root. */
function setOwner(path: string, owner: Owner | null): void {
  if (owner) lchownSync(path, owner.uid, owner.gid)
}

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

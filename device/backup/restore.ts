/**
 * Puts a backup in place of what this computer has. Everything that can fail is done before anything
 * is changed; then each file is replaced in one step, the config last, so that it can be repeated.
 */
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod/mini'
import { databasePath, readConfig } from '../config/config.ts'
import type { Config } from '../config/settings.ts'
import { type DoorKeys, readKeys, writeKeys } from '../identity/door-key-file.ts'
import {
  certificateIdIn,
  type Owner,
  saveIdentity,
  writeDurably,
} from '../identity/identity-folder.ts'
import { prepareCopy, replaceDatabase } from '../store/sqlite/copy.ts'
import {
  acquireLock,
  beginRestore,
  endRestore,
  isHalfRestored,
  markCreated,
} from '../store/sqlite/file.ts'
import { shippedMigrations } from '../store/sqlite/migrate.ts'
import { forgetWayBack, knownTime, wasUsed } from '../store/sqlite/way-back.ts'
import type { Backup } from './contents.ts'
import { BackupFault } from './fault.ts'

export interface Restored {
  readonly config: Config
  /** Codes that were live. */
  readonly closed: number
}

interface Place {
  readonly configPath: string
  readonly config: Config
  readonly doorKeyFile: string
  readonly keys: DoorKeys
  readonly owner: Owner | null
}

export function restore(
  configPath: string,
  backup: Backup,
  { replace }: { readonly replace: boolean },
): Restored {
  const staged = `${configPath}.restoring`
  try {
    const place = stage(configPath, staged, backup)
    const path = databasePath(place.config)
    if (!replace) refuseOtherDoor(configPath, backup.doorId)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const lock = acquireLock(path)
    try {
      return { config: place.config, closed: putInPlace(place, staged, backup) }
    } finally {
      lock.release()
    }
  } finally {
    rmSync(staged, { force: true })
  }
}

// ---------------------------------------------------------------- before anything is changed

/** Where files are belongs to this computer, everything else to the door. */
const placesSchema = z.object({
  dataDir: z.optional(z.string()),
  doorKeyFile: z.optional(z.string()),
})
const iotPlacesSchema = z.object({
  identityDir: z.optional(z.string()),
  authorityFile: z.optional(z.nullable(z.string())),
})
const iotSchema = z._default(z.record(z.string(), z.unknown()), {})

function stage(configPath: string, staged: string, backup: Backup): Place {
  const isHere = existsSync(configPath)
  const here = isHere ? readConfig(configPath) && rawConfig(configPath) : {}
  const iot = {
    ...z.parse(iotSchema, backup.config['iot']),
    ...z.parse(iotPlacesSchema, here['iot'] ?? {}),
  }
  const wanted = { ...backup.config, ...z.parse(placesSchema, here), iot }
  const { mode, uid, gid } = isHere ? statSync(configPath) : { mode: 0o640, ...self() }
  mkdirSync(dirname(configPath), { recursive: true })
  const keys = keysFrom(staged, backup.doorKey)
  writeFileSync(staged, `${JSON.stringify(wanted, null, 2)}\n`, { mode, flush: true })
  chownSync(staged, uid, gid)
  const config = readConfig(staged)
  const { doorKeyFile } = config
  if (!doorKeyFile || !keys)
    throw new BackupFault('The backup has no door key. Nothing was changed.')
  return { configPath, config, doorKeyFile, keys, owner: ownerOf(config) }
}

function keysFrom(path: string, content: string): DoorKeys | null {
  writeDurably(path, content, null)
  const keys = readKeys(path)
  rmSync(path)
  return keys
}

const self = () => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 })

const rawConfig = (path: string): Readonly<Record<string, unknown>> =>
  z.parse(
    z.record(z.string(), z.unknown()),
    JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')),
  )

/** A new installation is no door yet. */
function refuseOtherDoor(configPath: string, doorId: string): void {
  if (!existsSync(configPath)) return
  const here = readConfig(configPath)
  // Then the database is already that of the backup, and this computer was given up for it.
  if (isHalfRestored(databasePath(here))) return
  const isDoor = certificateIdIn(here.iot.identityDir) !== null || wasUsed(databasePath(here))
  if (here.doorId === doorId || !isDoor) return
  throw new BackupFault(
    `This is a backup of the door ${doorId}, but this computer is the door ${here.doorId}. Nothing was changed. To give up ${here.doorId} and its log for it, add --replace.`,
  )
}

/** If root runs this, the files go to the owner of the data folder, who runs the daemon. */
function ownerOf({ dataDir }: Config): Owner | null {
  if (process.getuid?.() !== 0 || !existsSync(dataDir)) return null
  const { uid, gid } = statSync(dataDir)
  return { uid, gid }
}

// ---------------------------------------------------------------- in place

function putInPlace(place: Place, staged: string, backup: Backup): number {
  const { config, owner } = place
  const path = databasePath(config)
  const partial = `${path}-restoring`
  writeDurably(partial, '', owner)
  writeFileSync(partial, backup.database, { flush: true })
  let closed = 0
  try {
    closed = prepareCopy(partial, {
      doorId: backup.doorId,
      newId: () => randomBytes(16).toString('hex'),
      reason: 'restored from a backup',
      migrations: shippedMigrations(),
      since: { time: knownTime(path) },
      isLockoutLost: false,
      laterRows: [],
    })
    beginRestore(path)
    replaceDatabase(path, partial)
  } finally {
    removeBeside(partial)
  }
  forgetWayBack(path)
  markCreated(path)
  putSecrets(place, backup)
  giveAway(path, owner)
  renameSync(staged, place.configPath)
  endRestore(path)
  return closed
}

function putSecrets(place: Place, { identity, authority }: Backup): void {
  const { config, doorKeyFile, keys, owner } = place
  const { iot } = config
  // No code of an older key is left.
  writeKeys(doorKeyFile, { ...keys, old: null }, owner)
  if (identity) saveIdentity(iot.identityDir, identity, owner)
  if (authority !== null && iot.authorityFile !== null && !existsSync(iot.authorityFile)) {
    writeFileSync(iot.authorityFile, authority, { mode: 0o644, flush: true })
  }
}

const besides = (path: string): readonly string[] =>
  readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path)))
    .map((name) => join(dirname(path), name))

function removeBeside(path: string): void {
  for (const file of besides(path)) rmSync(file)
}

function giveAway(path: string, owner: Owner | null): void {
  if (!owner) return
  for (const file of besides(path)) lchownSync(file, owner.uid, owner.gid)
}

/** What a backup holds: everything that a door needs on another computer, except tablets' pairings. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as z from 'zod/mini'
import { databasePath, readConfig } from '../config/config.ts'
import type { Config } from '../config/settings.ts'
import { certificateIdIn, readIdentity } from '../identity/identity-folder.ts'
import { copyDatabase } from '../store/sqlite/copy.ts'
import { BackupFault } from './fault.ts'

const contentsSchema = z.object({
  doorId: z.string(),
  /** By the clock of the computer. */
  madeAtMs: z.number(),
  software: z.string(),
  config: z.record(z.string(), z.unknown()),
  doorKey: z.string(),
  identity: z.nullable(
    z.object({ certificate: z.string(), key: z.string(), certificateId: z.string() }),
  ),
  authority: z.nullable(z.string()),
})

export interface Backup extends z.infer<typeof contentsSchema> {
  readonly database: Buffer
}

/** The JSON in one line, then the database. */
export const packed = ({ database, ...contents }: Backup): Buffer =>
  gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(contents)}\n`), database]))

export function unpacked(content: Buffer): Backup {
  const all = gunzipSync(content)
  const end = all.indexOf('\n')
  const { success, data } = z.safeParse(contentsSchema, JSON.parse(all.toString('utf8', 0, end)))
  if (success) return { ...data, database: all.subarray(end + 1) }
  throw new BackupFault(
    'The backup was made by a later smart-door, and this one cannot read it. Nothing was changed. Install that version first.',
  )
}

/** Also while the daemon runs. */
export function readDoor(configPath: string, software: string): Backup {
  const config = readConfig(configPath)
  const { doorKeyFile, iot } = config
  if (!doorKeyFile) {
    throw new BackupFault(
      `There is no doorKeyFile in ${configPath}, so the backup would lack the door's key. Set it to the file of LoadCredential= (as installed: /etc/smart-door/door-key).`,
    )
  }
  const certificateId = certificateIdIn(iot.identityDir)
  const { certificate, key } = certificateId ? readIdentity(iot.identityDir, null) : noIdentity
  return {
    doorId: config.doorId,
    madeAtMs: Date.now(),
    software,
    config: z.parse(z.record(z.string(), z.unknown()), JSON.parse(textOf(configPath))),
    doorKey: textOf(doorKeyFile),
    identity: certificateId === null ? null : { certificate, key, certificateId },
    authority: iot.authorityFile === null ? null : textOf(iot.authorityFile),
    database: readDatabase(config),
  }
}

const noIdentity = { certificate: '', key: '' }

const textOf = (path: string): string => readFileSync(path, 'utf8').replace(/^\uFEFF/, '')

function readDatabase(config: Config): Buffer {
  const path = databasePath(config)
  if (!existsSync(path)) {
    throw new BackupFault(
      `There is no database in ${config.dataDir}: this door has never been started, so there is nothing to back up.`,
    )
  }
  const folder = mkdtempSync(join(config.dataDir, '.backup-'))
  try {
    const copy = join(folder, 'copy.sqlite')
    copyDatabase(path, copy)
    return readFileSync(copy)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

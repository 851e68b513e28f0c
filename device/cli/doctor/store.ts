/** What the door remembers: the disk, the database, the key; and whether the daemon itself is well. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import * as z from 'zod/mini'
import { databasePath } from '../../config/config.ts'
import type { Config } from '../../config/settings.ts'
import { readKeys } from '../../identity/door-key-file.ts'
import { openLogReader } from '../../store/sqlite/store.ts'
import { better, type Finding, well, wrong } from './finding.ts'

const littleMb = 200
const answerWithinMs = 3_000

export const storeFindings = async (config: Config): Promise<readonly Finding[]> => [
  diskFinding(config),
  databaseFinding(config),
  keyFinding(config),
  await daemonFinding(config),
]

function diskFinding({ dataDir }: Config): Finding {
  const remedy = `Run: sudo systemd/install, or make it: sudo install -d -m 700 ${dataDir}`
  if (!existsSync(dataDir)) return wrong('disk', `The folder ${dataDir} is not there.`, remedy)
  try {
    accessSync(dataDir, constants.W_OK)
  } catch {
    return better('disk', `${dataDir} cannot be looked at by you.`, 'Run: sudo smart-door doctor')
  }
  const { bavail, bsize } = statfsSync(dataDir)
  const freeMb = Math.floor((bavail * bsize) / 1e6)
  return freeMb < littleMb
    ? wrong(
        'disk',
        `Only ${freeMb} MB are free below ${dataDir}.`,
        'See: sudo journalctl --vacuum-size=50M',
      )
    : well('disk', `${freeMb} MB are free below ${dataDir}.`)
}

function databaseFinding(config: Config): Finding {
  const path = databasePath(config)
  if (!existsSync(path)) {
    return better('database', 'There is none yet: this door has never been started.', 'Start it.')
  }
  try {
    const reader = openLogReader(path)
    const { seq } = reader.head()
    reader.close()
    return well(
      'database',
      `${seq} events are in its log. For its wholeness: smart-door verify-log`,
    )
  } catch (error) {
    return wrong(
      'database',
      `It cannot be read: ${sentenceOf(error)}`,
      'Run: sudo smart-door doctor',
    )
  }
}

function keyFinding({ doorKeyFile, link }: Config): Finding {
  if (doorKeyFile === undefined) {
    return better(
      'door key',
      'The config names no file: it must come from systemd.',
      'Set doorKeyFile.',
    )
  }
  try {
    if ((statSync(doorKeyFile).mode & 0o077) !== 0) {
      const sentence = `${doorKeyFile} can be read by others, and all codes follow from it.`
      return wrong('door key', sentence, `Run: sudo chmod 600 ${doorKeyFile}`)
    }
    return readKeys(doorKeyFile)
      ? well('door key', `${doorKeyFile} is as it should be.`)
      : wrong(
          'door key',
          `${doorKeyFile} does not hold 64 hex digits.`,
          'Run: smart-door provision',
        )
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return wrong('door key', `${doorKeyFile} is missing.`, wayToKey(doorKeyFile, link))
    }
    const remedy = `Run: sudo smart-door doctor. Whose it is, says: ls -l ${doorKeyFile}`
    return wrong('door key', `${doorKeyFile} cannot be read (${codeOf(error)}).`, remedy)
  }
}

const wayToKey = (path: string, link: Config['link']): string =>
  link === 'iot'
    ? 'Run: sudo smart-door provision'
    : `Run: sudo systemd/install. Or by hand: (umask 077 && openssl rand -hex 32 > ${path})`

const healthSchema = z.object({
  ok: z.boolean(),
  problems: z.array(z.string()),
  doorId: z.optional(z.string()),
})

async function daemonFinding({ keypad, doorId }: Config): Promise<Finding> {
  const health = await askHealth(`http://${keypad.host}:${keypad.port}/healthz`)
  if (!health) {
    return better('daemon', 'The daemon does not answer.', 'See: systemctl status smart-door')
  }
  if (health.doorId !== doorId) {
    return wrong(
      'daemon',
      `On port ${keypad.port} answers the daemon of another door, "${health.doorId ?? 'unknown'}".`,
      'Stop that one, or give keypad.port another number.',
    )
  }
  return health.ok
    ? well('daemon', 'The daemon runs and is well.')
    : wrong(
        'daemon',
        `The daemon says: ${health.problems.join(' ')}`,
        'See: journalctl -u smart-door',
      )
}

/** Null when nobody answers. */
export async function askHealth(url: string): Promise<z.infer<typeof healthSchema> | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) })
    return healthSchema.parse(await response.json())
  } catch {
    return null
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'no idea why.'

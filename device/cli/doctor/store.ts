/** What the door remembers: disk, database, key; and the daemon that uses them. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { databasePath } from '../../config/config.ts'
import { readKeys } from '../../identity/door-key-file.ts'
import { openLogReader } from '../../store/sqlite/store.ts'
import { type Check, type Examined, ok, problem, type Verdict, warning } from './finding.ts'

export const storeChecks = {
  disk: diskFinding,
  database: databaseFinding,
  'door key': keyFinding,
  daemon: daemonFinding,
} satisfies Record<string, Check>

const asRoot = 'Run: sudo smart-door doctor'
const littleMb = 200

function diskFinding({ config: { dataDir } }: Examined): Verdict {
  if (!existsSync(dataDir)) {
    const remedy = `Run: sudo systemd/install, or make it: sudo install -d -m 700 ${dataDir}`
    return problem(`The folder ${dataDir} does not exist.`, remedy)
  }
  try {
    accessSync(dataDir, constants.W_OK)
  } catch {
    return warning(`You may not look into ${dataDir}.`, asRoot)
  }
  const { bavail, bsize } = statfsSync(dataDir)
  const freeMb = Math.floor((bavail * bsize) / 1e6)
  return freeMb < littleMb
    ? problem(
        `Only ${freeMb} MB are free below ${dataDir}.`,
        'Run: sudo journalctl --vacuum-size=50M',
      )
    : ok(`${freeMb} MB are free below ${dataDir}.`)
}

function databaseFinding({ config }: Examined): Verdict {
  const path = databasePath(config)
  if (!existsSync(path)) {
    return warning('There is none yet: this door has never been started.', 'Start it.')
  }
  try {
    const log = openLogReader(path)
    const { seq } = log.head()
    log.close()
    return ok(`${seq} events are in its log. To check that none was changed: smart-door verify-log`)
  } catch (error) {
    return problem(`It cannot be read: ${error instanceof Error ? error.message : error}`, asRoot)
  }
}

function keyFinding({ config: { doorKeyFile: path, link } }: Examined): Verdict {
  if (path === undefined) {
    return warning('The config names no file: systemd must provide it.', 'Set doorKeyFile.')
  }
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      const sentence = `Others can read ${path}, and all codes are derived from it.`
      return problem(sentence, `Run: sudo chmod 600 ${path}`)
    }
    return readKeys(path)
      ? ok(`${path} holds a key that only its owner can read.`)
      : problem(`${path} does not hold 64 hex digits.`, 'Run: sudo smart-door provision')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown error'
    if (code !== 'ENOENT') return problem(`${path} cannot be read (${code}).`, asRoot)
    const remedy =
      link === 'iot'
        ? 'Run: sudo smart-door provision'
        : `Run: sudo systemd/install, or: (umask 077 && openssl rand -hex 32 > ${path})`
    return problem(`${path} is missing.`, remedy)
  }
}

function daemonFinding({ config: { keypad, doorId }, daemon }: Examined): Verdict {
  const problems = egressOnlyProblems()
  if (problems !== null) {
    return problem(
      `Codes do not work, people inside can leave: ${problems}`,
      'Fix it; then wait a minute.',
    )
  }
  if (!daemon) return warning('The daemon does not answer.', 'See: systemctl status smart-door')
  if (daemon.doorId !== doorId) {
    return problem(
      `On port ${keypad.port} answers the daemon of another door, "${daemon.doorId ?? 'unknown'}".`,
      'Stop that one, or change keypad.port.',
    )
  }
  return daemon.ok
    ? ok('The daemon runs and has no problems.')
    : problem(`The daemon reports: ${daemon.problems.join(' ')}`, 'See: journalctl -u smart-door')
}

/** Also there when the page's port is taken, so that the daemon cannot be asked. */
function egressOnlyProblems(): string | null {
  try {
    const folder = process.env['RUNTIME_DIRECTORY'] ?? '/run/smart-door'
    return readFileSync(join(folder, 'egress-only'), 'utf8').trim().replaceAll('\n', ' ')
  } catch {
    return null
  }
}

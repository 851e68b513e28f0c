/**
 * Reads the config file, in three steps: read what is there, parse it into one frozen object, and
 * read the secrets into another that is never logged. Reports all mistakes at once.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { doorKeyBytes, oneTimeDigits } from '../../protocol/passcode.ts'
import { brokenLine } from '../../terminal/broken-json.ts'
import { type LockoutRules, shippedLockout } from '../core/credentials/lockout.ts'
import type { ConfiguredRules } from '../core/door/state.ts'
import { readKeys } from '../identity/door-key-file.ts'
import { conflictsIn } from './conflicts.ts'
import { exposedPage } from './loopback.ts'
import { sentencesFor } from './mistakes.ts'
import { type Config, configSchema } from './settings.ts'

export const defaultConfigPath = '/etc/smart-door/config.json'

/** Exit code of a program whose configuration is wrong (EX_CONFIG of sysexits.h). */
export const configExitCode = 78

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]
  constructor(path: string, mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`
    super(`${path} has ${count}:\n${mistakes.map((mistake) => `  - ${mistake}\n`).join('')}`)
    this.mistakes = mistakes
  }
}

export interface Secrets {
  readonly doorKey: Buffer
}

/** For the daemon. */
export function readConfigAndSecrets(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly config: Config; readonly secrets: Secrets } {
  const raw = readJson(path)
  const { config, mistakes } = parseConfig(raw)
  const key = readDoorKey(raw, env['CREDENTIALS_DIRECTORY'])
  if (config) mistakes.push(...missingForDaemon(config))
  if (typeof key === 'string') mistakes.push(key)
  if (!config || !Buffer.isBuffer(key) || mistakes.length > 0) throw new ConfigError(path, mistakes)
  return { config, secrets: { doorKey: key } }
}

/** For commands, which need no key. What `provision` finds out may be missing. */
export function readConfig(path: string): Config {
  const { config, mistakes } = parseConfig(readJson(path))
  if (!config || mistakes.length > 0) throw new ConfigError(path, mistakes)
  return config
}

/** As the daemon needs it, but without the key. */
export function readCompleteConfig(path: string): Config {
  const config = readConfig(path)
  const mistakes = missingForDaemon(config)
  if (mistakes.length > 0) throw new ConfigError(path, mistakes)
  return config
}

const missingForDaemon = (config: Config): readonly string[] => [
  ...(config.link === 'iot' && config.iot.endpoint === null
    ? ['iot.endpoint is missing: a connection to AWS IoT needs it. Run: smart-door provision']
    : []),
  ...exposedPage(config),
]

export const databasePath = (config: Config): string => join(config.dataDir, 'door.sqlite')

// ---------------------------------------------------------------- read

const longestFile = 256 * 1024

const adviceFor: Readonly<Record<string, string>> = {
  ENOENT: ' "smart-door config example" prints one to start from; --config names another file.',
  EACCES: ' Try it with sudo.',
}

function readJson(path: string): unknown {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    throw new ConfigError(path, [`the file cannot be read (${code}).${adviceFor[code] ?? ''}`])
  }
  if (content.length > longestFile) {
    throw new ConfigError(path, ['the file is too long to be a config file. Is it another one?'])
  }
  // Some editors put a byte order mark in front, which no JSON parser accepts.
  content = content.replace(/^\uFEFF/, '')
  const line = brokenLine(content)
  if (line === null) return JSON.parse(content)
  throw new ConfigError(path, [
    `it is not valid JSON, near line ${line}. Compare it with: smart-door config example`,
  ])
}

// ---------------------------------------------------------------- parse

function parseConfig(raw: unknown): { config: Config | null; mistakes: string[] } {
  const { success, data, error } = z.safeParse(configSchema, withoutRetired(raw), {
    reportInput: true,
  })
  return success
    ? { config: freeze(data), mistakes: conflictsIn(data) }
    : { config: null, mistakes: error.issues.flatMap(sentencesFor) }
}

/** Settings of earlier versions. A file that still has them must not stop a door. */
const retired = ['passcodeDigits', 'lockout']

const withoutRetired = (raw: unknown): unknown =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)
    ? Object.fromEntries(Object.entries(raw).filter(([name]) => !retired.includes(name)))
    : raw

function freeze<T extends object>(settings: T): T {
  for (const value of Object.values(settings)) {
    if (typeof value === 'object' && value !== null) freeze(value)
  }
  return Object.freeze(settings)
}

// ---------------------------------------------------------------- secrets

const keyFileSchema = z.object({ doorKeyFile: z.optional(z.string().check(z.minLength(1))) })

/** The key, or what is wrong with it; null where the schema reports it. */
function readDoorKey(raw: unknown, credentials: string | undefined): Buffer | string | null {
  if (credentials) return keyIn(join(credentials, 'door-key'), { mayBeShared: true })
  const { success, data } = z.safeParse(keyFileSchema, raw)
  if (!success) return null
  if (data.doorKeyFile !== undefined) return keyIn(data.doorKeyFile, { mayBeShared: false })
  return `doorKeyFile is missing: the door cannot check codes without its key. ${commandForKey('door-key')}`
}

/** systemd protects its credentials in its own way. */
function keyIn(path: string, { mayBeShared }: { mayBeShared: boolean }): Buffer | string {
  try {
    if (!mayBeShared && (statSync(path).mode & 0o077) !== 0) {
      return `doorKeyFile can be read by others. Run: chmod 600 ${path}`
    }
    const keys = readKeys(path)
    if (keys) return Buffer.from(keys.own, 'hex')
    return `the door key in ${path} must be ${doorKeyBytes * 2} hex digits.`
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' && !mayBeShared
      ? `the door key in ${path} is missing. ${commandForKey(path)}`
      : `the door key in ${path} cannot be read (${code}).`
  }
}

const commandForKey = (path: string): string =>
  `Run: (umask 077 && openssl rand -hex ${doorKeyBytes} > ${path})`

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

// ---------------------------------------------------------------- what the core needs of it

/** Only for a simulated lock can it be changed: it is what makes guessing hopeless. */
function lockoutFor({ hardware, simulator }: Config): LockoutRules {
  const longestWaitMs = hardware === 'simulated' ? simulator?.longestWaitMs : undefined
  return longestWaitMs === undefined ? shippedLockout : { ...shippedLockout, longestWaitMs }
}

export const rulesFrom = (config: Config, software: string): ConfiguredRules => ({
  software,
  hasCloud: config.link !== 'none',
  lockout: lockoutFor(config),
  leftAfterMs: config.visit.leftAfterMs,
  mode: config.lock.mode,
  exitHoldMs: config.lock.exitHoldMs,
  exitUnlocks: config.gpio.exitButton.unlocks,
  openingGraceMs: config.lock.openingGraceMs,
  relockOnOpen: config.lock.relockOnOpen,
  retention: config.retention,
  extended: { holdMs: config.lock.extendedHoldMs, visitorIds: config.lock.extendedFor },
  settings: {
    unlockHoldMs: config.lock.unlockHoldMs,
    heldOpenAfterMs: config.lock.heldOpenAfterMs,
    language: config.language,
    passcodeDigits: oneTimeDigits,
    timeZone: config.timeZone,
    ...(config.lock.modeHours.length > 0 && { modeHours: config.lock.modeHours }),
  },
})

/**
 * The only reader of config file, environment and secrets. Three moves: read what is there, parse
 * it into one frozen object, and keep the secret in another that is never logged. Every mistake is
 * told at once, so that nobody mends a file one line per attempt. What may be set, `settings.ts` says.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { doorKeyBytes } from '../../protocol/passcode.ts'
import type { DoorRules } from '../core/door/state.ts'
import { sharedPins, type WiredPin } from '../core/lock/hardware.ts'
import { readKeys } from '../identity/door-key-file.ts'
import { brokenLine, sentencesFor } from './mistakes.ts'
import { type Config, configSchema } from './settings.ts'

export const defaultConfigPath = '/etc/smart-door/config.json'

export interface Secrets {
  readonly doorKey: Buffer
}

/** Exit code of a program whose configuration is wrong (sysexits: EX_CONFIG). */
export const configExitCode = 78

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]
  constructor(path: string, mistakes: readonly string[]) {
    const which = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`
    super(`${path} has ${which}:\n${mistakes.map((m) => `  - ${m}\n`).join('')}`)
    this.mistakes = mistakes
  }
}

// ---------------------------------------------------------------- reading

type Environment = Readonly<Record<string, string | undefined>>

export interface ConfigAndSecrets {
  readonly config: Config
  readonly secrets: Secrets
}

/** For the daemon: either everything is right, or every mistake is in the error. */
export function readConfigAndSecrets(path: string, env: Environment): ConfigAndSecrets {
  const raw = readJson(path)
  const { config, mistakes } = parseConfig(raw)
  const key = readDoorKey(raw, env)
  if (typeof key === 'string') mistakes.push(key)
  if (config) mistakes.push(...lineMistakes(config))
  if (!config || !Buffer.isBuffer(key) || mistakes.length > 0) throw new ConfigError(path, mistakes)
  return { config, secrets: { doorKey: key } }
}

/** For commands that only look: the key is none of their business. */
export function readConfig(path: string): Config {
  const { config, mistakes } = parseConfig(readJson(path))
  if (!config || mistakes.length > 0) throw new ConfigError(path, mistakes)
  return config
}

/** As the daemon would have it, but for its key. */
export function readCompleteConfig(path: string): Config {
  const config = readConfig(path)
  const mistakes = lineMistakes(config)
  if (mistakes.length > 0) throw new ConfigError(path, mistakes)
  return config
}

/** Not in the schema, so that provisioning can be asked what it is. */
const lineMistakes = ({ link, iot }: Config): readonly string[] =>
  link === 'iot' && iot.endpoint === null
    ? ['iot.endpoint is missing: a line to AWS IoT needs it. Run: smart-door provision']
    : []

export const databasePath = (config: Config): string => join(config.dataDir, 'door.sqlite')

function parseConfig(raw: unknown): { config: Config | null; mistakes: string[] } {
  const parsed = z.safeParse(configSchema, raw, { reportInput: true })
  const mistakes = parsed.success ? [] : parsed.error.issues.flatMap(sentencesFor)
  if (lacksSimulator(raw)) {
    mistakes.push('simulator is missing: simulated hardware or link needs its ports.')
  }
  if (parsed.success) mistakes.push(...wiringMistakes(parsed.data), ...eyesMistakes(parsed.data))
  return { config: parsed.success ? Object.freeze(parsed.data) : null, mistakes }
}

export function wiredPins({ gpio }: Config): WiredPin[] {
  const { relay, doorContact, bondSense, exitButton, bell, buzzer, led } = gpio
  const sections = { relay, doorContact, bondSense, exitButton, bell, buzzer, led }
  return Object.entries(sections).flatMap(([name, { bcm }]) =>
    bcm === null ? [] : [{ name: `gpio.${name}.bcm`, bcm }],
  )
}

function wiringMistakes(config: Config): string[] {
  const shared = sharedPins(wiredPins(config)).map(
    ([first, second]) => `${second.name} is the same pin as ${first.name}, ${first.bcm}.`,
  )
  const { lockType, maxOnMs } = config.gpio.relay
  const { unlockHoldMs, exitHoldMs, extendedHoldMs } = config.lock
  const longest = Math.max(unlockHoldMs, exitHoldMs, extendedHoldMs)
  const tooHot = lockType === 'strike' && maxOnMs < longest
  const lockedIn = lockType === 'maglock' && !config.gpio.exitButton.unlocks
  return [
    ...shared,
    ...(tooHot
      ? [`gpio.relay.maxOnMs must not be less than the longest opening, ${longest}.`]
      : []),
    ...(config.lock.mode === 'unlocked' && lockType !== 'maglock' ? [neverHeldOpen] : []),
    ...(lockedIn
      ? ['gpio.exitButton.unlocks must be true with a maglock: no handle opens it from inside.']
      : []),
  ]
}

const neverHeldOpen =
  'lock.mode can be unlocked only with a maglock: the coil of a strike would burn, and a motor lock locks again by itself.'

function eyesMistakes({ hardware, camera, pictures, recording }: Config): string[] {
  const { driver, device } = camera
  const isLocal = device.startsWith('/dev/')
  return [
    ...(driver === 'simulated' && hardware !== 'simulated'
      ? ['camera.driver is simulated, but the hardware is not.']
      : []),
    ...(driver === 'webcam' && !isLocal ? ['camera.device must be below /dev for a webcam.'] : []),
    ...((recording.stream || pictures.bucket !== null) && pictures.region === null
      ? ['pictures.region is missing: pictures and film need it.']
      : []),
  ]
}

/** What settings have to do with each other and with files; asked even where others are wrong. */
const anything = z.optional(z.unknown())
const outlineSchema = z.object({
  hardware: anything,
  link: anything,
  simulator: anything,
  doorKeyFile: anything,
})

function lacksSimulator(raw: unknown): boolean {
  const { success, data } = z.safeParse(outlineSchema, raw)
  if (!success || data.simulator !== undefined) return false
  return data.hardware === 'simulated' || data.link === 'simulated'
}

const longestFile = 256 * 1024

const wayOut: Readonly<Record<string, string>> = {
  ENOENT: ' "smart-door config example" prints one to start from; --config names another.',
  EACCES: ' Try it with sudo.',
}

function readJson(path: string): unknown {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    throw new ConfigError(path, [`the file cannot be read (${code}).${wayOut[code] ?? ''}`])
  }
  if (content.length > longestFile) {
    throw new ConfigError(path, ['the file is far too long to hold settings. Is it another one?'])
  }
  // Some editors put a mark in front that no parser of JSON takes.
  content = content.replace(/^\uFEFF/, '')
  const line = brokenLine(content)
  if (line === null) return JSON.parse(content)
  throw new ConfigError(path, [
    `it is not valid JSON, near line ${line}. Compare it with config.example.json.`,
  ])
}

/** The key, or a sentence about why there is none; `null` where the schema has said it already. */
function readDoorKey(raw: unknown, env: Environment): Buffer | string | null {
  const credentials = env['CREDENTIALS_DIRECTORY']
  if (credentials) return orSentence(join(credentials, 'door-key'), keyIn)
  const { success, data } = z.safeParse(outlineSchema, raw)
  if (!success) return null
  const { doorKeyFile: path } = data
  if (path === undefined) {
    return `doorKeyFile is missing: the door cannot check codes without its key. ${makeOne('door-key')}`
  }
  return typeof path === 'string' && path !== '' ? orSentence(path, privateKeyIn) : null
}

function privateKeyIn(path: string): Buffer | string {
  const file = statSync(path, { throwIfNoEntry: false })
  if (!file) return `the door key in ${path} is missing. ${makeOne(path)}`
  if ((file.mode & 0o077) !== 0) {
    return `doorKeyFile can be read by others. Run: chmod 600 ${path}`
  }
  return keyIn(path)
}

const makeOne = (path: string): string =>
  `Make one: (umask 077 && openssl rand -hex ${doorKeyBytes} > ${path})`

function keyIn(path: string): Buffer | string {
  const keys = readKeys(path)
  return keys
    ? Buffer.from(keys.own, 'hex')
    : `the door key in ${path} must be ${doorKeyBytes * 2} hex digits.`
}

function orSentence(path: string, read: (path: string) => Buffer | string): Buffer | string {
  try {
    return read(path)
  } catch (error) {
    return `the door key in ${path} cannot be read (${codeOf(error)}).`
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

export const rulesFrom = (config: Config, software: string): DoorRules => ({
  software,
  lockout: config.lockout,
  leftAfterMs: config.visit.leftAfterMs,
  mode: config.lock.mode,
  exitHoldMs: config.lock.exitHoldMs,
  exitUnlocks: config.gpio.exitButton.unlocks,
  openingGraceMs: config.lock.openingGraceMs,
  relockOnOpen: config.lock.relockOnOpen,
  extended: { holdMs: config.lock.extendedHoldMs, visitorIds: config.lock.extendedFor },
  settings: {
    unlockHoldMs: config.lock.unlockHoldMs,
    heldOpenAfterMs: config.lock.heldOpenAfterMs,
    language: config.language,
    passcodeDigits: config.passcodeDigits,
  },
})

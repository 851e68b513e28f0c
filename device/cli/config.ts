/** `smart-door config check | show | example`. */
import { existsSync } from 'node:fs'
import * as z from 'zod/mini'
import type { Io } from '../../terminal/command-line.ts'
import { readCompleteConfig, readConfig } from '../config/config.ts'
import { wiredPins } from '../config/conflicts.ts'
import { allSettings, type Config, exampleConfig, type Setting } from '../config/settings.ts'
import { restsOff, usualDuty } from '../core/lock/hardware.ts'

export function checkConfig(path: string, { stdout }: Io): number {
  const warnings = warningsAbout(readCompleteConfig(path))
  stdout.write([`${path} is valid.\n`, ...warnings.map((one) => `Warning: ${one}\n`)].join(''))
  return 0
}

export function printExample({ stdout }: Io): number {
  stdout.write(`${JSON.stringify(exampleConfig(), null, 2)}\n`)
  return 0
}

export function showConfig(
  path: string,
  { mayBeMissing }: { readonly mayBeMissing: boolean },
  { stdout }: Io,
): number {
  const isMissing = mayBeMissing && !existsSync(path)
  if (isMissing) stdout.write(`There is no config file ${path}. These are the defaults.\n\n`)
  const config = isMissing ? null : readConfig(path)
  for (const setting of allSettings()) {
    const value = config ? valueAt(config, setting.path) : setting.default
    stdout.write(`${shown(setting.path.join('.'), value)}\n    ${manualOf(setting)}\n`)
  }
  return 0
}

function warningsAbout(config: Config): string[] {
  const { hardware, gpio } = config
  if (hardware === 'simulated') return []
  const { bcm, activeLow } = gpio.relay
  const opensAtPowerOn = restsOff(bcm, activeLow)
    ? []
    : [`BCM ${bcm} unlocks the door for some seconds after power-on. See: smart-door doctor`]
  const usedByPi = wiredPins(config).flatMap((pin) => {
    const duty = usualDuty(pin.bcm)
    return duty ? [`${pin.name}: BCM ${pin.bcm} is where a Pi has ${duty}.`] : []
  })
  return [...opensAtPowerOn, ...usedByPi]
}

// ---------------------------------------------------------------- show

const sectionSchema = z.record(z.string(), z.unknown())

const valueAt = (config: unknown, path: readonly string[]): unknown =>
  path.reduce((section, key) => sectionSchema.safeParse(section).data?.[key], config)

const secrets: readonly string[] = ['simulator.secret', 'simulator.awsKeys.secretAccessKey']

/** People show this to others who help them, so it holds no password. */
function shown(name: string, value: unknown): string {
  if (value === undefined) return `${name}: not set`
  if (secrets.includes(name)) return `${name}: set, not shown`
  return `${name} = ${JSON.stringify(typeof value === 'string' ? withoutPassword(value) : value)}`
}

/** Cameras take a password before the host or in the query. */
const withoutPassword = (address: string): string =>
  /^[a-z]+:\/\//.test(address) ? address.replace(/\/\/.*@/, '//…@').replace(/\?.*$/, '?…') : address

function manualOf({ description = '', default: usual, enum: choices, minimum, maximum }: Setting) {
  const limits = [
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(choices ? [choices.join(', ')] : []),
    ...(usual !== undefined ? [`default ${JSON.stringify(usual)}`] : []),
  ]
  return limits.length > 0 ? `${description} (${limits.join('; ')})` : description
}

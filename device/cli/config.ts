/** `smart-door config check | show | example`: the settings, for somebody at a terminal. */
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { readCompleteConfig, readConfig, wiredPins } from '../config/config.ts'
import { type Config, configSchema } from '../config/settings.ts'
import { restsOff, usualDuty } from '../core/lock/hardware.ts'

export type ConfigCommand = 'check' | 'show' | 'example'

export function configCommand(command: ConfigCommand, path: string): number {
  process.stdout.write(answer(command, path))
  return 0
}

function answer(command: ConfigCommand, path: string): string {
  switch (command) {
    case 'check':
      return [`${path} is right.`, ...advice(readCompleteConfig(path)), ''].join('\n')
    case 'show':
      return manual(readConfig(path))
    case 'example':
      return readFileSync(new URL('../config/config.example.json', import.meta.url), 'utf8')
    default:
      return command satisfies never
  }
}

function advice(config: Config): string[] {
  const { hardware, gpio } = config
  if (hardware === 'simulated') return []
  const { bcm, activeLow } = gpio.relay
  const atPowerOn = restsOff(bcm, activeLow)
    ? []
    : [`But BCM ${bcm} opens the door for some seconds when power comes. See: smart-door doctor`]
  const elsewhere = wiredPins(config).flatMap((pin) => {
    const duty = usualDuty(pin.bcm)
    return duty ? [`But ${pin.name}: BCM ${pin.bcm} is where a Pi has ${duty}.`] : []
  })
  return [...atPowerOn, ...elsewhere]
}

// ---------------------------------------------------------------- every setting, and what it means

const bound = z.optional(z.number())
const settingSchema = z.object({
  description: z.optional(z.string()),
  default: z.optional(z.unknown()),
  enum: z.optional(z.array(z.unknown())),
  minimum: bound,
  maximum: bound,
  properties: z.optional(z.record(z.string(), z.unknown())),
})
type Setting = z.infer<typeof settingSchema>

/** The value of every setting, with what it is, what it may be, and what it is if nothing is said. */
export function manual(config: Config): string {
  const schema = settingSchema.parse(z.toJSONSchema(configSchema, { io: 'input' }))
  return `${linesFor(schema, config, '').join('\n')}\n`
}

function linesFor({ properties = {} }: Setting, value: unknown, at: string): string[] {
  const section = z.record(z.string(), z.unknown()).safeParse(value).data ?? {}
  return Object.entries(properties).flatMap(([key, raw]) => {
    const setting = settingSchema.parse(raw)
    const name = `${at}${key}`
    if (setting.properties) return linesFor(setting, section[key], `${name}.`)
    return [
      `${name} = ${shown(name, section[key])}`,
      `    ${setting.description ?? ''}${limits(setting)}`,
    ]
  })
}

const keptToItself: readonly string[] = ['simulator.secret', 'simulator.awsKeys.secretAccessKey']

/** What somebody shows to whoever helps them holds no password. */
function shown(name: string, value: unknown): string {
  if (value === undefined) return 'not set'
  if (keptToItself.includes(name)) return 'set, and not shown'
  return JSON.stringify(typeof value === 'string' ? withoutPassword(value) : value)
}

/** Cameras take a password in front of the host, or behind the question mark. */
const withoutPassword = (address: string): string =>
  /^[a-z]+:\/\//.test(address) ? address.replace(/\/\/.*@/, '//…@').replace(/\?.*$/, '?…') : address

function limits({ default: fallback, enum: choices, minimum, maximum }: Setting): string {
  const range = minimum === undefined || maximum === undefined ? [] : [`${minimum} to ${maximum}`]
  const list = choices ? [choices.join(', ')] : []
  const usual = fallback === undefined ? [] : [`usually ${JSON.stringify(fallback)}`]
  const parts = [...range, ...list, ...usual]
  return parts.length > 0 ? ` (${parts.join('; ')})` : ''
}

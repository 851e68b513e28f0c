import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { ConfigError, configSchema, readConfigAndSecrets, rulesFrom } from '../../device/config.ts'
import { shippedRules } from '../support/door-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'smart-door-config-'))
const path = join(folder, 'config.json')
const keyFile = join(folder, 'door-key')
const example: unknown = JSON.parse(
  readFileSync(new URL('../../device/config.example.json', import.meta.url), 'utf8'),
)
const least = {
  doorId: 'front-door',
  doorName: 'Front door',
  dataDir: '/var/lib/smart-door',
  doorKeyFile: keyFile,
  hardware: 'simulated',
  link: 'none',
  clock: 'ntp',
  simulator: { hardwarePort: 1, linkPort: 2 },
}

beforeEach(() => {
  writeFileSync(keyFile, 'ab'.repeat(32), { mode: 0o600 })
  chmodSync(keyFile, 0o600)
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(config: object, env: Record<string, string> = {}) {
  writeFileSync(path, JSON.stringify(config))
  return readConfigAndSecrets(path, env)
}

function mistakesIn(config: object, env: Record<string, string> = {}): readonly string[] {
  try {
    read(config, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

describe('the config file', () => {
  it('has an example with every key in it, at its default where there is one', () => {
    const full = configSchema.parse({ ...least, link: 'simulated' })
    expect(configSchema.parse(example)).toEqual({
      ...full,
      doorKeyFile: '/etc/smart-door/door-key',
      simulator: { hardwarePort: 4101, linkPort: 4102 },
    })
    expect(example).toEqual(configSchema.parse(example))
  })

  it('says of every key what it is', () => {
    const describeds = (schema: unknown, at: string): string[] => {
      const json = schema as { properties?: Record<string, unknown>; description?: string }
      if (!json.properties) return json.description ? [] : [at]
      return Object.entries(json.properties).flatMap(([key, one]) =>
        describeds(one, `${at}.${key}`),
      )
    }
    expect(describeds(z.toJSONSchema(configSchema, { io: 'input' }), '')).toEqual([])
  })

  it('ships the rules that the proofs about guessing assume', () => {
    expect(rulesFrom(read(least).config, '0.0.0')).toEqual(shippedRules)
  })

  it.each([
    ['a key that does not exist', { lok: 1 }, 'lok is not a setting. A typing mistake?'],
    ['a key that is missing', { doorId: undefined }, 'doorId is missing.'],
    ['a number that is a text', { passcodeDigits: '6' }, 'passcodeDigits must be one of: 6, 7, 8.'],
    [
      'a hold that is too long',
      { lock: { unlockHoldMs: 31_000 } },
      'lock.unlockHoldMs must be at most 30000.',
    ],
    [
      'a pause of nothing',
      { lockout: { firstPauseMs: 0 } },
      'lockout.firstPauseMs must be at least 1000.',
    ],
    ['an unknown language', { language: 'xx' }, 'language must be one of: en, de, es, fr.'],
    [
      'no simulator',
      { simulator: undefined },
      'simulator is missing: simulated hardware or link needs its ports.',
    ],
    [
      'no key file',
      { doorKeyFile: undefined },
      'doorKeyFile is missing: the door cannot check codes without its key.',
    ],
  ])('with %s is refused, and the sentence says where', (_, change, sentence) => {
    expect(mistakesIn({ ...least, ...change })).toEqual([sentence])
  })
})

describe("the door's key", () => {
  it('comes from systemd where systemd hands it over', () => {
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'door-key'), `${'cd'.repeat(32)}\n`, { mode: 0o440 })
    const { secrets, config } = read(least, { CREDENTIALS_DIRECTORY: credentials })
    expect(secrets.doorKey).toEqual(Buffer.from('cd'.repeat(32), 'hex'))
    expect(JSON.stringify(config)).not.toContain('cdcd')
  })

  it('must not be readable by others', () => {
    chmodSync(keyFile, 0o644)
    expect(mistakesIn(least)).toEqual([
      `doorKeyFile can be read by others. Run: chmod 600 ${keyFile}`,
    ])
  })

  it.each(['', 'ab'.repeat(31), `${'ab'.repeat(31)}zz`])('must be whole: %j', (content) => {
    writeFileSync(keyFile, content)
    expect(mistakesIn(least)).toEqual([`the door key in ${keyFile} must be 64 hex digits.`])
  })

  it('must be there', () => {
    rmSync(keyFile)
    expect(mistakesIn(least)).toEqual([`the door key in ${keyFile} cannot be read (ENOENT).`])
  })
})

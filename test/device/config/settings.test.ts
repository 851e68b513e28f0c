import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { configSchema } from '../../../device/config/settings.ts'

const example: unknown = JSON.parse(
  readFileSync(new URL('../../../device/config/config.example.json', import.meta.url), 'utf8'),
)
const least = {
  doorId: 'front-door',
  doorName: 'Front door',
  dataDir: '/var/lib/smart-door',
  hardware: 'simulated',
  link: 'simulated',
  clock: 'ntp',
}

describe('the manual of the settings', () => {
  it('has an example with every key in it, at its default where there is one', () => {
    expect(configSchema.parse(example)).toEqual({
      ...configSchema.parse(least),
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
})

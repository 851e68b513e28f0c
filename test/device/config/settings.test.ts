import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { allSettings, configSchema } from '../../../device/config/settings.ts'

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
  simulator: { hardwarePort: 4101, linkPort: 4102 },
}

describe('the settings', () => {
  it('have an example with every setting, at its default where there is one', () => {
    expect(configSchema.parse(example)).toEqual({
      ...configSchema.parse(least),
      doorKeyFile: '/etc/smart-door/door-key',
    })
    expect(example).toEqual(configSchema.parse(example))
  })

  it('describes every setting', () => {
    const settings = allSettings()
    expect(settings.length).toBeGreaterThan(70)
    expect(settings.filter(({ description }) => !description)).toEqual([])
  })
})

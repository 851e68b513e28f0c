import { describe, expect, it } from 'vitest'
import { allSettings, exampleConfig } from '../../../device/config/settings.ts'

describe('the settings', () => {
  it('have an example with every setting of a door that is not simulated', () => {
    const settings = allSettings().filter(({ path }) => path[0] !== 'simulator')
    const inExample = (path: readonly string[]): unknown =>
      path.reduce<unknown>((found, key) => Object(found)[key], exampleConfig())
    expect(settings.filter(({ path }) => inExample(path) === undefined)).toEqual([])
  })

  it('describes every setting', () => {
    const settings = allSettings()
    expect(settings.length).toBeGreaterThan(70)
    expect(settings.filter(({ description }) => !description)).toEqual([])
  })
})

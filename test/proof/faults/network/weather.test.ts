/** The short form of `npm run faults -- --only weather`. */
import { expect, test } from 'vitest'
import { whatWeatherNeeds } from './net.ts'
import { weather } from './weather.ts'

const missing = whatWeatherNeeds()

// Networks can only be made by root on Linux, which is where the build runs.
test.skipIf(missing.length > 0)(
  'a door and its cloud agree again after bad weather, and nothing is lost',
  async () => {
    const { breaches, rounds } = await weather({ rounds: 3, seed: 1 })
    expect(breaches).toEqual([])
    expect(rounds).toBe(3)
  },
  120_000,
)

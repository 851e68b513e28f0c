/** The short form of `npm run faults -- --only weather`. */
import { expect, test } from 'vitest'
import { isProof } from '../../../support/effort.ts'
import { whatWeatherNeeds } from './net.ts'
import { weather } from './weather.ts'

const missing = whatWeatherNeeds()

// Only root on Linux can create networks.
test.runIf(isProof && missing.length === 0)(
  'door and cloud agree again after an outage, and nothing is lost',
  async () => {
    const { breaches, rounds } = await weather({ rounds: 3, seed: 1 })
    expect(breaches).toEqual([])
    expect(rounds).toBe(3)
  },
  120_000,
)

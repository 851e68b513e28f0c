/** A short `npm run faults -- --only network`. */
import { expect, test } from 'vitest'
import { isProof } from '../../../support/effort.ts'
import { networkFaults } from './outages.ts'
import { missingForNetworks } from './two-networks.ts'

const missing = missingForNetworks()

// Only root on Linux can create networks.
test.runIf(isProof && missing.length === 0)(
  'door and cloud agree again after an outage, and nothing is lost',
  async () => {
    const { breaches, rounds } = await networkFaults({ rounds: 3, seed: 1 })
    expect(breaches).toEqual([])
    expect(rounds).toBe(3)
  },
  120_000,
)

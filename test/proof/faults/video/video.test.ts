/** The short form of `npm run faults -- --only video`: everything once. */
import { expect } from 'vitest'
import { ackErrors, httpErrors } from '../../../../device/recording/core/failures.ts'
import { testProof } from '../../../support/effort.ts'
import { videoOffline } from './offline.ts'
import { videoFaults } from './video.ts'

testProof('no stored fragment is lost by any fault', async () => {
  const { trials } = await videoFaults({ rounds: 1, seed: 1 })
  expect(trials.flatMap((trial) => trial.breaches)).toEqual([])
  // Otherwise nothing was tried.
  expect(trials.length).toBeGreaterThan(ackErrors.size + httpErrors.size)
  expect(trials.filter((trial) => trial.failures > 0).length).toBeGreaterThan(trials.length * 0.7)
})

testProof('the recording of an offline visit arrives once the door is online', async () => {
  const { breaches, fragments } = await videoOffline({ minutes: 0.05 })
  expect(breaches).toEqual([])
  expect(fragments).toBeGreaterThan(4)
})

/** The short form of `npm run faults -- --only video`: everything once. */
import { expect, it } from 'vitest'
import { ackErrors, httpErrors } from '../../../../device/recording/core/failures.ts'
import { videoOffline } from './offline.ts'
import { videoFaults } from './video.ts'

it('no fragment that is kept is lost, whatever goes wrong', async () => {
  const { trials } = await videoFaults({ rounds: 1, seed: 1 })
  expect(trials.flatMap((trial) => trial.breaches)).toEqual([])
  // Otherwise nothing has been tried.
  expect(trials.length).toBeGreaterThan(ackErrors.size + httpErrors.size)
  expect(trials.filter((trial) => trial.failures > 0).length).toBeGreaterThan(trials.length * 0.7)
})

it('a visit without a way out arrives as soon as there is one', async () => {
  const { breaches, fragments } = await videoOffline({ minutes: 0.05 })
  expect(breaches).toEqual([])
  expect(fragments).toBeGreaterThan(4)
})

/** The short form of `npm run faults -- --only video`: everything once. */
import { expect, it } from 'vitest'
import { ackErrors, httpErrors } from '../../device/video/failures.ts'
import { videoFaults } from './video.ts'

it('no fragment that is kept is lost, whatever goes wrong', async () => {
  const { trials } = await videoFaults({ rounds: 1, seed: 1 })
  expect(trials.flatMap((trial) => trial.breaches)).toEqual([])
  // Otherwise nothing has been tried.
  expect(trials.length).toBeGreaterThan(ackErrors.size + httpErrors.size)
  expect(trials.filter((trial) => trial.failures > 0).length).toBeGreaterThan(trials.length * 0.7)
})

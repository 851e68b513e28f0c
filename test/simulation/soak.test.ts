import { expect } from 'vitest'
import { withHome } from '../../simulation/home/throwaway-home.ts'
import { soak } from '../../simulation/script/soak-visits.ts'
import { testProof } from '../support/effort.ts'

const visits = 4
/** Fixed, so that a power cut, a refusing table and a wrong clock are among the troubles. */
const numbers = [0.05, 0.3, 0.62, 0.44, 0.95, 0.08, 0.71, 0.2]

testProof('a few visits with trouble lose nothing and do nothing twice', async () => {
  let nth = 0
  const report = await withHome((home) =>
    soak(home, {
      goesOn: (done) => done < visits,
      maySwitchOff: (done) => done < 2,
      isWarm: (done) => done >= 2,
      everyMs: 0,
      chance: () => numbers[nth++ % numbers.length] ?? 0,
      progress: () => {},
    }),
  )
  expect(report.breaches).toEqual([])
  expect(report.visits).toBe(visits)
  expect(Object.keys(report.troubles)).toContain('power cut')
  expect(report.accepted).toBeGreaterThan(0)
  expect(report.residentKb.warm).toBeGreaterThan(0)
})

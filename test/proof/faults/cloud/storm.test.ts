/** The short form of `npm run faults -- --only storm`. */
import { expect } from 'vitest'
import { testProof } from '../../../support/effort.ts'
import { storm } from './storm.ts'

/** Known and unknown visitors take turns. */
const visits = 6

testProof(
  'events delivered again in any order cause at most one mail, one text and one code',
  async () => {
    const { breaches, deliveries } = await storm(visits, 1)
    expect(breaches).toEqual([])
    expect(deliveries).toBeGreaterThan(visits * 10)
  },
)

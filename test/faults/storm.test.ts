/** The short form of `npm run faults -- --only storm`. */
import { expect, test } from 'vitest'
import { storm } from './storm.ts'

test('whatever is delivered again, in any order: one mail or none, one text, one code', async () => {
  const { breaches, deliveries } = await storm(12, 1)
  expect(breaches).toEqual([])
  expect(deliveries).toBeGreaterThan(12 * 10)
}, 120_000)

/** The short form of `npm run faults -- --only storm`. */
import { expect, test } from 'vitest'
import { storm } from './storm.ts'

/** As many as take a few seconds: whether known or not changes from one to the next. */
const visits = 6

test('whatever is delivered again, in any order: one mail or none, one text, one code', async () => {
  const { breaches, deliveries } = await storm(visits, 1)
  expect(breaches).toEqual([])
  expect(deliveries).toBeGreaterThan(visits * 10)
})

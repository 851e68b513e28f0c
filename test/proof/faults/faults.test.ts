/** A short `npm run faults`: a daemon killed a few times keeps its promises, a broken one does not. */
import { expect, test } from 'vitest'
import { runs, testProof } from '../../support/effort.ts'
import { brokenBuilds } from '../mutants/broken-builds.ts'
import { patchedSources } from '../mutants/patched-sources.ts'
import { kill9 } from './dooms.ts'
import { manyRounds } from './door/rounds.ts'

test('a daemon that is killed at random moments keeps every promise', async () => {
  const { breaches, counts } = await manyRounds({ doom: kill9, rounds: runs(2, 30), seed: 1 })
  expect(breaches).toEqual([])
  // Otherwise nothing was tried.
  expect(counts.accepted).toBeGreaterThan(0)
  expect(counts.denied).toBeGreaterThan(0)
})

testProof('a daemon that commits after it answers is found', async () => {
  const [build] = brokenBuilds
  if (!build) throw new Error('there is no broken build')
  const { folder, remove } = patchedSources(build.edits)
  try {
    const { breaches } = await manyRounds({ doom: kill9, rounds: 20, seed: 1, sources: folder })
    expect(build.breaks).toContain(breaches[0]?.invariant)
  } finally {
    remove()
  }
})

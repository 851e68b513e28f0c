/**
 * The short form of `npm run faults`: enough to notice that something is badly wrong, and that
 * the proof itself still bites.
 */
import { describe, expect, it } from 'vitest'
import { brokenBuilds, buildBroken } from '../mutants/broken-builds.ts'
import { kill9 } from './dooms.ts'
import { manyRounds } from './door/rounds.ts'

describe('kill -9 at any moment', () => {
  it('breaks no promise', async () => {
    const { breaches, counts } = await manyRounds({ doom: kill9, rounds: 10, seed: 1 })
    expect(breaches).toEqual([])
    // Otherwise nothing has been tried.
    expect(counts.accepted).toBeGreaterThan(0)
    expect(counts.denied).toBeGreaterThan(0)
  })

  it('is noticed when a daemon commits only after it has answered', async () => {
    const [build] = brokenBuilds
    if (!build) throw new Error('there is no broken build')
    const { folder, remove } = buildBroken(build)
    try {
      const { breaches } = await manyRounds({ doom: kill9, rounds: 20, seed: 1, sources: folder })
      expect(build.breaks).toContain(breaches[0]?.invariant)
    } finally {
      remove()
    }
  })

  it.each(brokenBuilds)('could be tried on a daemon that … $name', (build) => {
    // Throws when a change to the sources has disarmed the mistake.
    buildBroken(build).remove()
  })
})

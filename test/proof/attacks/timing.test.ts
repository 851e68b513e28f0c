/** The duration of a refusal shows nothing about the code: Welch's t between codes of all kinds. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import * as z from 'zod/mini'
import { testProof } from '../../support/effort.ts'
import { recordFigure } from '../../support/figure.ts'

const bench = join(import.meta.dirname, '../../bench/run.ts')
const rowsSchema = z.array(
  z.object({ ours: z.number(), peer: z.number(), wrongSamples: z.optional(z.number()) }),
)

testProof(
  'unknown, mistyped, expired, used and revoked codes take equally long',
  async (context) => {
    // The long form, with 30 times as many codes, is a part of `npm run bench`.
    const args = [bench, '--json', '--quick', '--only', 'answers']
    // The bench exits with 1 when a figure is beyond its target.
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (fault: { stdout: string }) => fault,
    )
    const rows = rowsSchema.parse(JSON.parse(stdout))
    expect(rows.length).toBeGreaterThan(4)
    const [limit = 0] = rows.map(({ peer }) => peer)
    const largest = Math.max(...rows.map(({ ours }) => ours))
    recordFigure(context, `|t| ${largest.toFixed(1)} at most, limit ${limit}`)
    expect(largest).toBeLessThan(limit)
  },
)

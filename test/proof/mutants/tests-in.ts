/** Runs tests of a copy of this project, and reads what vitest reports. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import * as z from 'zod/mini'

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          meta: z.optional(z.object({ figure: z.optional(z.string()) })),
        }),
      ),
    }),
  ),
})

export interface TestsRun {
  readonly passed: number
  /** The first test that failed. */
  readonly failed: string | null
  /** What the tests measured, see `test/support/figure.ts`. */
  readonly figures: readonly string[]
}

/** Up to the first failure. `isProof`: in their long form. */
export function runTests(folder: string, tests: readonly string[], isProof: boolean): TestsRun {
  const reportFolder = mkdtempSync(join(tmpdir(), 'smart-door-report-'))
  try {
    const reportFile = join(reportFolder, 'report.json')
    const { PROOF: _, ...env } = process.env
    // In one process: after a failure, vitest also fails a test that runs in another.
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--maxWorkers=1']
    const report = ['--reporter=json', `--outputFile=${reportFile}`]
    const run = spawnSync(process.execPath, [...args, ...report, ...tests], {
      cwd: folder,
      env: isProof ? { ...env, PROOF: '1' } : env,
      encoding: 'utf8',
    })
    const found = resultsIn(folder, readFileSync(reportFile, 'utf8'))
    if (found.failed === null && run.status !== 0) {
      throw new Error(`The tests did not run:\n${run.stdout}${run.stderr}`)
    }
    return found
  } finally {
    rmSync(reportFolder, { recursive: true, force: true })
  }
}

function resultsIn(folder: string, report: string): TestsRun {
  const results = z
    .parse(reportSchema, JSON.parse(report))
    .testResults.flatMap((file) =>
      file.assertionResults.map((one) => ({ ...one, file: relative(folder, file.name) })),
    )
  const failed = results.find(({ status }) => status === 'failed')
  return {
    passed: results.filter(({ status }) => status === 'passed').length,
    failed: failed ? `${failed.file} “${failed.fullName}”` : null,
    figures: results.flatMap(({ meta }) => meta?.figure ?? []),
  }
}

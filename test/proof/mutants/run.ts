/** Plants each defect of mutants.ts in a copy of the project and runs the tests that must fail. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod/mini'
import { type Mutant, mutants } from './mutants.ts'
import { patchedSources } from './patched-sources.ts'

const usage = `scripts/node test/proof/mutants/run.ts [--only TEXT]

Plants ${mutants.length} small defects, one after the other, and says which test noticed each.
  --only TEXT   those whose name contains the text`
const usageExitCode = 64

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
})

/** The test that failed, or null when all passed. */
function noticedBy({ edits, tests, isProof = false }: Mutant): string | null {
  const { folder, remove } = patchedSources(edits)
  try {
    const reportFile = join(folder, 'report.json')
    const { PROOF: _, ...env } = process.env
    // In one process: after a failure, vitest also fails a test that runs in another.
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--maxWorkers=1']
    const report = ['--reporter=json', `--outputFile=${reportFile}`]
    const run = spawnSync(process.execPath, [...args, ...report, ...tests], {
      cwd: folder,
      env: isProof ? { ...env, PROOF: '1' } : env,
      encoding: 'utf8',
    })
    if (run.status === 0) return null
    const { testResults } = z.parse(reportSchema, JSON.parse(readFileSync(reportFile, 'utf8')))
    for (const { name, assertionResults } of testResults) {
      const failed = assertionResults.find(({ status }) => status === 'failed')
      if (failed) return `${relative(folder, name)} “${failed.fullName}”`
    }
    throw new Error(`The tests did not run:\n${run.stdout}${run.stderr}`)
  } finally {
    remove()
  }
}

function main(): number {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  const chosen = mutants.filter(({ name }) => name.includes(values.only ?? ''))
  if (chosen.length === 0) {
    console.log(usage)
    return usageExitCode
  }
  let missed = 0
  for (const mutant of chosen) {
    const test = noticedBy(mutant)
    if (test === null) missed += 1
    const by = test === null ? `by no test of ${mutant.tests.join(', ')}` : `by ${test}`
    const where = mutant.isProof ? 'npm run proof' : 'npm test'
    console.log(`${test === null ? 'MISSED ' : 'noticed'} ${mutant.name}\n        ${by} (${where})`)
  }
  console.log(`${chosen.length - missed} passed, ${missed} failed`)
  return missed === 0 ? 0 : 1
}

process.exitCode = main()

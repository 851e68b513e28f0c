/** Plants each defect of mutants.ts in a copy of the project and runs the tests that must fail. */
import { parseArgs } from 'node:util'
import { type Mutant, mutants } from './mutants.ts'
import { patchedSources } from './patched-sources.ts'
import { runTests } from './tests-in.ts'

const usage = `scripts/node test/proof/mutants/run.ts [--only TEXT]

Plants ${mutants.length} small defects, one after the other, and says which test noticed each.
  --only TEXT   those whose name contains the text`
const usageExitCode = 64

/** The test that failed, or null when all passed. */
function noticedBy({ edits, tests, isProof = false }: Mutant): string | null {
  const { folder, remove } = patchedSources(edits)
  try {
    return runTests(folder, tests, isProof).failed
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

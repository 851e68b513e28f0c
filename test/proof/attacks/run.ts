/** The program behind `npm run attacks`: every attack, and whether its tests would find a weakness. */
import { parseArgs } from 'node:util'
import { root } from '../../support/project-files.ts'
import { patchedSources } from '../mutants/patched-sources.ts'
import { runTests } from '../mutants/tests-in.ts'
import { table } from '../table.ts'
import { type Attack, attacks } from './attacks.ts'

const usage = `npm run attacks -- [--only NAME]

${attacks.map(({ name, attack }) => `  ${name.padEnd(16)} ${attack}`).join('\n')}

Each attack also runs against a copy of the project with a planted weakness, which it must find.
Exit code: 0 when every attack failed and every weakness was found, 1 otherwise, 64 for a wrong option.`
const usageExitCode = 64

const say = (text: string) => void process.stdout.write(`${text}\n`)

interface Outcome {
  readonly row: readonly string[]
  readonly isGood: boolean
}

function outcomeOf({ attack, tests, weakness, missing = [] }: Attack): Outcome {
  if (missing.length > 0) {
    return { row: [attack, '', `not run: ${missing.join(' ')}`, weakness.name], isGood: false }
  }
  const { passed, failed, figures } = runTests(root, tests, true)
  const isHeld = failed === null && passed > 0
  const found = foundWeakness(weakness.edits, tests)
  const figure = figures.length > 0 ? figures.join(', ') : `${passed} tests`
  const verdict = isHeld ? 'held' : `SUCCEEDED: ${failed ?? 'no test ran'}`
  const control = `${found === null ? 'NOT FOUND' : 'found'}: ${weakness.name}`
  if (found !== null) say(`  ${weakness.name}: found by ${found}`)
  return { row: [attack, figure, verdict, control], isGood: isHeld && found !== null }
}

function foundWeakness(edits: Attack['weakness']['edits'], tests: readonly string[]) {
  const { folder, remove } = patchedSources(edits)
  try {
    return runTests(folder, tests, true).failed
  } finally {
    remove()
  }
}

function chosen(args: string[]): readonly Attack[] {
  try {
    const { only } = parseArgs({ args, options: { only: { type: 'string' } } }).values
    return only === undefined ? attacks : attacks.filter(({ name }) => name === only)
  } catch {
    return []
  }
}

function main(): number {
  const wanted = chosen(process.argv.slice(2))
  if (wanted.length === 0) {
    say(usage)
    return usageExitCode
  }
  const outcomes = wanted.map((one) => {
    say(`${one.name}: ${one.attack} …`)
    return outcomeOf(one)
  })
  const head = ['attack', 'figure', 'verdict', 'control']
  say(`\n${table([head, ...outcomes.map(({ row }) => row)])}`)
  return outcomes.every(({ isGood }) => isGood) ? 0 : 1
}

process.exitCode = main()

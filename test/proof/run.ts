/** The program behind `npm run proof`: the long form of every test, one part after the other. */
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../support/project-files.ts'
import { type Part, parts } from './parts.ts'
import { table } from './table.ts'

const usage = `npm run proof -- [--only NAME[,NAME…]]

${parts.map(({ name, shows }) => `  ${name.padEnd(14)} ${shows}`).join('\n')}

Runs all parts, which takes a few hours, or only those that are named.
Exit code: 0 when every part passed, 1 otherwise, 64 for a wrong option.`
const usageExitCode = 64

interface Outcome {
  readonly part: Part
  readonly seconds: number
  readonly result: string
  readonly isPassed: boolean
}

const say = (text: string) => void process.stdout.write(`${text}\n`)
const logFolder = mkdtempSync(join(tmpdir(), 'smart-door-proof-'))

async function run(part: Part): Promise<Outcome> {
  if (part.missing.length > 0) {
    return { part, seconds: 0, result: `not run: ${part.missing.join(' ')}`, isPassed: false }
  }
  const startedAtMs = Date.now()
  const logFile = join(logFolder, `${part.name}.log`)
  const exitCode = await runLogged(part.args, logFile)
  const seconds = Math.round((Date.now() - startedAtMs) / 1_000)
  const log = readFileSync(logFile, 'utf8').trimEnd().split('\n')
  const counts = log.findLast((line) => /^\d+ passed, \d+ failed$/.test(line))
  const isPassed = exitCode === 0
  if (!isPassed) say([...log.slice(-linesShown), `The whole log: ${logFile}`].join('\n'))
  const result = counts ?? (isPassed ? 'passed' : `failed, exit code ${exitCode}`)
  return { part, seconds, result, isPassed }
}

const linesShown = 60

async function runLogged(args: readonly string[], logFile: string): Promise<number | null> {
  const log = openSync(logFile, 'w')
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...process.env, PROOF: '1', NO_COLOR: '1' },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return new Promise((resolve) => child.once('close', resolve))
}

function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ part, seconds, result, isPassed }) => [
    part.name,
    part.shows,
    String(seconds),
    isPassed ? result : `${result} ✗`,
  ])
  const head = ['part', 'what it shows', 'seconds', 'result']
  return table([head, ...rows])
}

/** The parts to run, or null when a name is unknown. */
function chosen(args: readonly string[]): readonly Part[] | null {
  try {
    const { only } = parseArgs({ args: [...args], options: { only: { type: 'string' } } }).values
    if (only === undefined) return parts
    const names = only.split(',')
    const known = parts.filter(({ name }) => names.includes(name))
    return known.length === names.length ? known : null
  } catch {
    return null
  }
}

async function main(): Promise<number> {
  const chosenParts = chosen(process.argv.slice(2))
  if (!chosenParts) {
    say(usage)
    return usageExitCode
  }
  const outcomes: Outcome[] = []
  for (const part of chosenParts) {
    say(`${part.name}: ${part.shows} …`)
    const outcome = await run(part)
    say(`${part.name}: ${outcome.result}, ${outcome.seconds} s`)
    outcomes.push(outcome)
  }
  say(`\n${tableOf(outcomes)}`)
  return outcomes.every(({ isPassed }) => isPassed) ? 0 : 1
}

process.exit(await main())

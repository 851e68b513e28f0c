/** The program behind `npm run faults`: what a door promises, held against real faults. */
import { parseArgs } from 'node:util'
import type { DoorMessage } from '../../protocol/messages.ts'
import { atExit, exitOnSignals } from './at-exit.ts'
import { type Breach, invariants } from './breach.ts'
import { type BrokenBuild, brokenBuilds, buildBroken } from './broken-builds.ts'
import { type CuttableDisk, cuttableDisk, whatCuttingNeeds } from './cuttable-disk.ts'
import { kill9, powerCut } from './dooms.ts'
import { manyRounds, percentile, type Result } from './rounds.ts'
import type { Doom } from './trial.ts'

const usage = `npm run faults -- [--only kill9 | power-cut | broken-builds] [--rounds N] [--seed N] [--sources DIR]

  kill9          kills the daemon at random moments; 500 rounds unless said otherwise
  power-cut      takes the power from daemon and disk at once; 100 rounds; as root, with nbdkit
  broken-builds  daemons with one mistake each, which the proofs above must find within 60 rounds

The seed repeats who does what and when a kill is due, though not how fast the machine is.
--sources runs the daemon from another folder.`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface Options {
  readonly rounds: number | undefined
  readonly seed: number
  readonly sources: string | undefined
}

const defaultRounds = { kill9: 500, 'power-cut': 100, 'broken-builds': 60 }

const proofs: Record<keyof typeof defaultRounds, (options: Options) => Promise<boolean>> = {
  kill9: (options) => proveAgainst('kill9', kill9, options),
  async 'power-cut'(options) {
    const disk = await diskOrWords()
    return disk !== null && proveAgainst('power-cut', powerCut(disk), options)
  },
  async 'broken-builds'(options) {
    let allCaught = true
    for (const build of brokenBuilds) allCaught = (await isCaught(build, options)) && allCaught
    return allCaught
  },
}

const isProof = (name: string): name is keyof typeof defaultRounds => name in proofs

// ---------------------------------------------------------------- the real daemon

async function proveAgainst(
  name: 'kill9' | 'power-cut',
  doom: Doom,
  { rounds = defaultRounds[name], seed, sources }: Options,
): Promise<boolean> {
  say(`${name}: ${rounds} rounds, seed ${seed}`)
  const startedAtMs = Date.now()
  const result = await manyRounds({ doom, rounds, seed, sources, progress: say })
  say(summary(result, Date.now() - startedAtMs))
  for (const breach of result.breaches) say(wordsAbout(breach))
  if (result.breaches.length === 0) say(`${name}: every promise was kept.\n`)
  else say(`${name}: FAILED in round ${result.rounds} with seed ${seed}.\n`)
  return result.breaches.length === 0
}

function summary({ counts, restartMs, rounds }: Result, tookMs: number): string {
  const lines = Object.entries({ rounds, ...counts }).map(
    ([name, count]) => `${String(count).padStart(8)} ${name}`,
  )
  const [middle, late, last] = [0.5, 0.99, 1].map((share) => percentile(restartMs, share))
  const times = `ready again after ${middle} ms (p50), ${late} ms (p99), ${last} ms (longest)`
  return [...lines, times, `took ${Math.round(tookMs / 1_000)} s`].join('\n')
}

const rowsShown = 20

function wordsAbout({ invariant, what, rows }: Breach): string {
  const shown = rows.slice(-rowsShown).map((row: DoorMessage) => `    ${JSON.stringify(row)}`)
  return [`BROKEN “${invariants[invariant]}”`, `  ${what}`, ...shown].join('\n')
}

// ---------------------------------------------------------------- daemons with a mistake

async function isCaught(build: BrokenBuild, options: Options): Promise<boolean> {
  const disk = build.caughtBy === 'power-cut' ? await diskOrWords() : null
  if (build.caughtBy === 'power-cut' && !disk) return false
  const { rounds = defaultRounds['broken-builds'], seed } = options
  const { folder, remove } = buildBroken(build)
  const forget = atExit(remove)
  try {
    const doom = disk ? powerCut(disk) : kill9
    const { breaches, ...result } = await manyRounds({ doom, rounds, seed, sources: folder })
    const rightly = breaches.find(({ invariant }) => build.breaks.includes(invariant))
    const how = rightly ?? breaches[0]
    const found = how ? `“${how.invariant}”: ${how.what}` : 'nothing was found'
    const verdict = rightly ? 'caught' : 'NOT CAUGHT'
    say(`${verdict} by ${build.caughtBy} in round ${result.rounds}: ${build.name}\n    ${found}`)
    return rightly !== undefined
  } finally {
    disk?.remove()
    remove()
    forget()
  }
}

async function diskOrWords(): Promise<CuttableDisk | null> {
  const missing = whatCuttingNeeds()
  if (missing.length === 0) return cuttableDisk()
  say(`The power of a disk cannot be cut here:\n${missing.map((one) => `  - ${one}`).join('\n')}`)
  return null
}

// ---------------------------------------------------------------- the command line

const usageExitCode = 64

function readOptions(args: readonly string[]) {
  const values = valuesIn(args)
  if (!values) return null
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const only = values.only ?? null
  const isFine = Number.isInteger(rounds ?? 1) && (rounds ?? 1) > 0 && Number.isInteger(seed)
  if (!isFine || (only !== null && !isProof(only))) return null
  return { only, options: { rounds, seed, sources: values.sources } }
}

function valuesIn(args: readonly string[]) {
  const option = { type: 'string' } as const
  const options = { only: option, rounds: option, seed: option, sources: option }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch {
    return null
  }
}

async function main(): Promise<number> {
  const wanted = readOptions(process.argv.slice(2))
  if (!wanted) {
    say(usage)
    return usageExitCode
  }
  let isProven = true
  for (const [name, prove] of Object.entries(proofs)) {
    if (wanted.only === null || wanted.only === name) {
      isProven = (await prove(wanted.options)) && isProven
    }
  }
  return isProven ? 0 : 1
}

exitOnSignals()
process.exit(await main())

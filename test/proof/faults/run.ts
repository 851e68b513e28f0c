/** The program behind `npm run faults`: checks that door and cloud keep their promises under faults. */
import { parseArgs } from 'node:util'
import type { DoorMessage } from '../../../protocol/messages/door.ts'
import { type BrokenBuild, brokenBuilds } from '../mutants/broken-builds.ts'
import { patchedSources } from '../mutants/patched-sources.ts'
import { atExit, exitOnSignals } from './at-exit.ts'
import { type Breach, invariants } from './breach.ts'
import { storm } from './cloud/storm.ts'
import { type CuttableDisk, cuttableDisk, missingForPowerCuts } from './cuttable-disk.ts'
import { kill9, powerCut } from './dooms.ts'
import { manyRounds, percentile, type Result } from './door/rounds.ts'
import { networkFaults } from './network/outages.ts'
import { missingForNetworks } from './network/two-networks.ts'
import type { Doom } from './trial.ts'
import { mostOfflineGrowthMb, videoOffline } from './video/offline.ts'
import { mostGrowthMb, videoFaults } from './video/video.ts'

const usage = `npm run faults -- [--only kill9 | power-cut | storm | network | video | broken-builds] [--rounds N] [--seed N] [--minutes N]
                  [--sources DIR]

  kill9          kills the daemon at random times; 500 rounds by default
  power-cut      cuts the power of daemon and disk together; 200 rounds; needs root and nbdkit
  storm          delivers every event of a visit to the cloud 2 to 20 times, in parallel and in any
                 order; 1000 visits
  network        cuts or disturbs the connection between door and broker; 100 rounds; needs root and
                 Linux; with --minutes N one outage of that real length
  video          every error of Kinesis Video and of the connection to it, at random times; 20 rounds
                 of each; needs ffmpeg; with --minutes N instead one offline visit of that real length
  broken-builds  daemons with one planted defect each, which kill9 or power-cut must find in 60 rounds

Clocks that are wrong or jump, hostile NTP, a full or broken disk: tests that "npm run proof -- --only device"
runs in their long form (test/device/core/{trusted-time.test.ts,timelines}, test/device/store/full-disk,
test/device/daemon/egress-only).

The seed repeats the events and the time of each kill, but not the speed of the machine.
--sources runs the daemon from another folder.`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface Options {
  readonly rounds: number | undefined
  readonly seed: number
  readonly minutes: number | undefined
  readonly sources: string | undefined
}

const defaultRounds = {
  kill9: 500,
  'power-cut': 200,
  storm: 1_000,
  network: 100,
  'broken-builds': 60,
  video: 20,
}

const proofs: Record<keyof typeof defaultRounds, (options: Options) => Promise<boolean>> = {
  kill9: (options) => proveAgainst('kill9', kill9, options),
  async 'power-cut'(options) {
    const disk = await diskOrNull()
    return disk !== null && proveAgainst('power-cut', powerCut(disk), options)
  },
  storm: ({ rounds = defaultRounds.storm, seed }) => proveStorm(rounds, seed),
  network: proveNetwork,
  async 'broken-builds'(options) {
    let allFound = true
    for (const build of brokenBuilds) allFound = (await isFound(build, options)) && allFound
    return allFound
  },
  video: proveVideo,
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
  for (const breach of result.breaches) say(describeBreach(breach))
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

function describeBreach({ invariant, what, rows }: Breach): string {
  const shown = rows.slice(-rowsShown).map((row: DoorMessage) => `    ${JSON.stringify(row)}`)
  return [`BROKEN “${invariants[invariant]}”`, `  ${what}`, ...shown].join('\n')
}

// ---------------------------------------------------------------- the real cloud half

async function proveStorm(visits: number, seed: number): Promise<boolean> {
  say(`storm: ${visits} visits, seed ${seed}`)
  const startedAtMs = Date.now()
  const { deliveries, failures, breaches } = await storm(visits, seed, say)
  say(`${deliveries} deliveries, of which ${failures} failed at first and were repeated`)
  say(`took ${Math.round((Date.now() - startedAtMs) / 1_000)} s`)
  for (const breach of breaches) say(`BROKEN ${breach}`)
  const isProven = breaches.length === 0
  say(isProven ? 'storm: at most one mail, one text and one code each.\n' : 'storm: FAILED.\n')
  return isProven
}

async function proveNetwork({ seed, minutes, ...options }: Options): Promise<boolean> {
  const { rounds = minutes === undefined ? defaultRounds.network : 1 } = options
  const missing = missingForNetworks()
  if (missing.length > 0) {
    say(`Networks cannot be created here:\n${missing.map((one) => `  - ${one}`).join('\n')}`)
    return false
  }
  say(`network: ${rounds} rounds, seed ${seed}`)
  const played = await networkFaults({ rounds, seed, minutes, progress: say })
  const { breaches, counts, agreedAfterMs } = played
  for (const [name, count] of Object.entries(counts)) say(`${String(count).padStart(8)} ${name}`)
  const [middle, late, last] = [0.5, 0.9, 1].map((share) => percentile(agreedAfterMs, share))
  say(`agreed again after ${middle} ms (p50), ${late} ms (p90), ${last} ms (longest)`)
  for (const breach of breaches) say(`BROKEN ${breach}`)
  const isProven = breaches.length === 0
  say(isProven ? 'network: nothing was lost or counted twice.\n' : 'network: FAILED.\n')
  return isProven
}

// ---------------------------------------------------------------- daemons with a defect

async function isFound(build: BrokenBuild, options: Options): Promise<boolean> {
  const disk = build.foundBy === 'power-cut' ? await diskOrNull() : null
  if (build.foundBy === 'power-cut' && !disk) return false
  const { rounds = defaultRounds['broken-builds'], seed } = options
  const { folder, remove } = patchedSources(build.edits)
  const forget = atExit(remove)
  try {
    const doom = disk ? powerCut(disk) : kill9
    const { breaches, ...result } = await manyRounds({ doom, rounds, seed, sources: folder })
    const expected = breaches.find(({ invariant }) => build.breaks.includes(invariant))
    const found = expected ?? breaches[0]
    const details = found ? `“${found.invariant}”: ${found.what}` : 'no breach'
    const verdict = expected ? 'found' : 'NOT FOUND'
    say(`${verdict} by ${build.foundBy} in round ${result.rounds}: ${build.name}\n    ${details}`)
    return expected !== undefined
  } finally {
    disk?.remove()
    remove()
    forget()
  }
}

async function diskOrNull(): Promise<CuttableDisk | null> {
  const missing = missingForPowerCuts()
  if (missing.length === 0) return cuttableDisk()
  say(`A power cut is not possible here:\n${missing.map((one) => `  - ${one}`).join('\n')}`)
  return null
}

// ---------------------------------------------------------------- video upload

async function proveVideo(options: Options): Promise<boolean> {
  const { rounds = defaultRounds.video, seed, minutes } = options
  if (minutes !== undefined) return proveOffline(minutes)
  say(`video: ${rounds} rounds, seed ${seed}`)
  const { trials, heldMb } = await videoFaults({ rounds, seed, progress: say })
  const sum = (count: (trial: (typeof trials)[number]) => number) =>
    trials.reduce((total, one) => total + count(one), 0)
  const breaches = trials.flatMap((one) => one.breaches)
  say(`${trials.length} trials, ${sum((one) => one.failures)} failures,`)
  say(`${sum((one) => one.dropped)} fragments refused permanently, memory ${heldMb.join(' → ')} MB`)
  const [before, after] = heldMb
  if (after - before > mostGrowthMb) breaches.push('memory: The process grows.')
  for (const breach of breaches) say(`BROKEN ${breach}`)
  say(
    breaches.length === 0
      ? 'video: every promise was kept.\n'
      : `video: FAILED with seed ${seed}.\n`,
  )
  return breaches.length === 0
}

async function proveOffline(minutes: number): Promise<boolean> {
  say(`video: ${minutes} minutes offline`)
  const trial = await videoOffline({ minutes, progress: say })
  const { fragments, mostDiskMb, residentMb, caughtUpAfterMs } = trial
  say(`${fragments} fragments arrived, at most ${mostDiskMb} MB on disk,`)
  say(
    `${residentMb.join(' → ')} MB resident, complete after ${Math.round(caughtUpAfterMs)} ms online`,
  )
  const [before, after] = residentMb
  const breaches = [...trial.breaches]
  if (after - before > mostOfflineGrowthMb) breaches.push('The process grows.')
  for (const breach of breaches) say(`BROKEN video: ${breach}`)
  say(breaches.length === 0 ? 'video: nothing was lost or reordered.\n' : 'video: FAILED.\n')
  return breaches.length === 0
}

// ---------------------------------------------------------------- the command line

const usageExitCode = 64

function readOptions(args: readonly string[]) {
  const values = valuesIn(args)
  if (!values) return null
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const only = values.only ?? null
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
  const isCount = (count = 1) => Number.isInteger(count) && count > 0
  const isFine = isCount(rounds) && isCount(minutes) && Number.isInteger(seed)
  if (!isFine || (only !== null && !isProof(only))) return null
  return { only, options: { rounds, seed, minutes, sources: values.sources } }
}

function valuesIn(args: readonly string[]) {
  const option = { type: 'string' } as const
  const options = {
    only: option,
    rounds: option,
    seed: option,
    minutes: option,
    sources: option,
  }
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

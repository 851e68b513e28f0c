/**
 * `npm run soak -- --minutes N`: a visit every five seconds with random trouble. The exit code says
 * whether everything held, including the daemon's memory.
 */
import { parseArgs } from 'node:util'
import { misuse, usageExitCode } from '../terminal/command-line.ts'
import { withHome } from './home/throwaway-home.ts'
import { type SoakReport, soak } from './script/soak-visits.ts'

const usage = `npm run soak -- [options]

  --minutes N   how long to run (60)
  --seed N      repeats the random choices of an earlier run
  -h, --help    this text`
const everyMs = 5_000
const mostGrowthKb = 5 * 1_024
/**
 * Shares of the whole time. In between, the daemon loads code for the first time and V8's heap finds
 * its size. After that, memory must be flat.
 */
const powerCutsUntil = 0.1
const warmFrom = 1 / 3

const known = {
  minutes: { type: 'string', default: '60' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const print = (text: string) => process.stdout.write(`${text}\n`)

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: known })
  const minutes = Number(values.minutes)
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const isValid = minutes > 0 && Number.isInteger(seed)
  if (values.help || !isValid) {
    print(usage)
    return values.help ? 0 : usageExitCode
  }
  print(`A visit every ${everyMs / 1_000} s for ${minutes} min, seed ${seed}. Starting the home.`)
  const startMs = performance.now()
  const passedMinutes = () => (performance.now() - startMs) / 60_000
  const passedShare = () => passedMinutes() / minutes
  const report = await withHome((home) =>
    soak(home, {
      goesOn: () => passedShare() < 1,
      maySwitchOff: () => passedShare() < powerCutsUntil,
      isWarm: () => passedShare() >= warmFrom,
      everyMs,
      chance: randomFrom(seed),
      progress: (text) => print(`${passedMinutes().toFixed(0)} of ${minutes} min: ${text}`),
    }),
  )
  return summarise(report)
}

function summarise({ visits, accepted, troubles, residentKb, breaches }: SoakReport): number {
  const { warm, last } = residentKb
  const grewKb = warm !== null && last !== null ? last - warm : 0
  print(`${visits} visits, ${accepted} admitted.`)
  print(`The door's memory: ${warm ?? '?'} KB when warm, ${last ?? '?'} KB at the end.`)
  for (const [name, times] of Object.entries(troubles)) print(`  ${name}: ${times}`)
  const all = grewKb > mostGrowthKb ? [...breaches, `the door grew by ${grewKb} KB`] : breaches
  for (const breach of all) print(`BREACH: ${breach}`)
  print(all.length === 0 ? 'Everything held.' : `${all.length} breaches.`)
  return all.length === 0 ? 0 : 1
}

/** Xorshift: good enough to vary what happens, and the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const mistake = misuse(error, Object.keys(known))
    const stack = error instanceof Error ? error.stack : String(error)
    process.stderr.write(`${mistake === null ? stack : `${mistake}\n\n${usage}`}\n`)
    process.exit(mistake === null ? 1 : usageExitCode)
  },
)

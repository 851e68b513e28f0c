/**
 * `npm run soak -- --minutes N`: a visit every five seconds with random trouble all the while. The
 * exit code says whether everything held, the daemon's memory with it.
 */
import { parseArgs } from 'node:util'
import { misuse } from '../device/cli/command-line.ts'
import { withHome } from './home/throwaway-home.ts'
import { type SoakReport, soak } from './script/soak-visits.ts'

const usage = `npm run soak -- [options]

  --minutes N   for how long (60)
  --seed N      makes the same dice fall again
  -h, --help    this text`
const usageExitCode = 64

const everyMs = 5_000
const mostGrowthKb = 5 * 1_024
/** Shares of the time. Between the two, the daemon runs itself warm: code that is wanted for the
 * first time is loaded, and V8's heap finds its size. What comes after must be flat. */
const powerCutsUntil = 0.1
const warmFrom = 1 / 3

const known = {
  minutes: { type: 'string', default: '60' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const say = (text: string) => process.stdout.write(`${text}\n`)

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: known })
  const minutes = Number(values.minutes)
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  if (values.help) return told(usage, 0)
  if (!(minutes > 0) || !Number.isInteger(seed)) return told(usage, usageExitCode)
  say(`A visit every ${everyMs / 1_000} s for ${minutes} min, seed ${seed}.`)
  const startMs = performance.now()
  const passed = () => (performance.now() - startMs) / (minutes * 60_000)
  const report = await withHome((home) =>
    soak(home, {
      goesOn: () => passed() < 1,
      maySwitchOff: () => passed() < powerCutsUntil,
      isWarm: () => passed() >= warmFrom,
      ...{ everyMs, chance: diceFrom(seed), progress: say },
    }),
  )
  return tell(report)
}

function tell({ visits, accepted, troubles, residentKb, breaches }: SoakReport): number {
  const { warm, last } = residentKb
  const grewKb = warm !== null && last !== null ? last - warm : 0
  say(`${visits} visits, ${accepted} came in.`)
  say(`The door's memory: ${warm ?? '?'} KB when warm, ${last ?? '?'} KB at the end.`)
  for (const [name, times] of Object.entries(troubles)) say(`  ${name}: ${times}`)
  const all = grewKb > mostGrowthKb ? [...breaches, `the door grew by ${grewKb} KB`] : breaches
  for (const breach of all) say(`BREACH: ${breach}`)
  return told(
    all.length === 0 ? 'Everything held.' : `${all.length} breaches.`,
    all.length === 0 ? 0 : 1,
  )
}

/** Good enough to vary what happens, and the same for the same seed. */
function diceFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

function told(text: string, code: number): number {
  say(text)
  return code
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const mistake = misuse(error)
    const words = error instanceof Error ? error.stack : String(error)
    process.stderr.write(`${mistake === null ? words : `${mistake}\n\n${usage}`}\n`)
    process.exit(mistake === null ? 1 : usageExitCode)
  },
)

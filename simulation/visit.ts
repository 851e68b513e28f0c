/**
 * `npm run visit -- FILE…`: plays visits from scripts, without a browser, and prints what happened.
 * The exit code is 0 when everything held, 1 when something did not, 64 for a file that cannot be
 * played.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { TimelineEntry } from './control-room/state.ts'
import type { Played } from './script/lane.ts'
import { openVisitLanes } from './script/lanes.ts'
import type { Parting } from './script/play.ts'
import { readScript, type VisitScript } from './script/script.ts'

const usage = `npm run visit -- FILE...

Plays visits from scripts such as simulation/visits/first-visit.json, several at once.`
const usageExitCode = 64
const interruptedExitCode = 130

/** Whoever plays a visit mostly waits: for a process to start, for a message to arrive. */
const lanes = openVisitLanes(availableParallelism() + 1)

const say = (text: string) => process.stdout.write(`${text}\n`)

async function main(files: readonly string[]): Promise<number> {
  if (files.length === 0 || files.includes('--help')) {
    say(usage)
    return files.length === 0 ? usageExitCode : 0
  }
  const scripts: VisitScript[] = []
  for (const file of files) {
    const read = readFile(file)
    if (typeof read === 'string') {
      process.stderr.write(`${file}: ${read}\n`)
      return usageExitCode
    }
    scripts.push(read)
  }
  const played = scripts.map((script) => lanes.play(script))
  // Told in the order in which they were named, whichever is over first.
  for (const each of played) each.catch(() => {})
  let failures = 0
  for (const [nth, { title }] of scripts.entries()) {
    const one = await played[nth]
    if (one) tell(title, one)
    if (one?.parting !== null) failures += 1
  }
  return failures === 0 ? 0 : 1
}

function readFile(file: string): VisitScript | string {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch {
    return 'this file cannot be read.'
  }
  const read = readScript(content)
  return read.ok ? read.script : read.mistake
}

function tell(title: string, { parting, timeline }: Played): void {
  say(`\n${title}`)
  for (const entry of timeline) say(lineFor(entry))
  say(parting ? wordsFor(parting) : '  held')
}

const lineFor = ({ atMs, who, visit, sentence }: TimelineEntry): string => {
  const at = new Date(atMs).toISOString().slice(11, 19)
  return `  ${at}  ${who.padEnd(5)} ${visit === null ? '   ' : String(visit).padStart(3)}  ${sentence}`
}

const wordsFor = ({ step, what, wanted, found }: Parting): string =>
  `  PARTED at step ${step}, ${JSON.stringify(what)}\n    expected: ${wanted}\n    found:    ${found}`

const end = (code: number) => void lanes.close().then(() => process.exit(code))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => end(interruptedExitCode))
}

main(process.argv.slice(2)).then(end, (fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.stack : String(fault)}\n`)
  end(1)
})

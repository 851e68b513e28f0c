/**
 * `npm run visit -- FILE…`: plays visits from scripts without a browser, and prints what happened.
 * The exit code is 0 if everything held, 1 if not, 64 for a file that cannot be played.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { usageExitCode } from '../terminal/command-line.ts'
import type { TimelineEntry } from './control-room/state.ts'
import type { Played } from './script/lane.ts'
import { openVisitLanes } from './script/lanes.ts'
import type { Failure } from './script/play.ts'
import { readScript, type VisitScript } from './script/script.ts'

const usage = `npm run visit -- FILE...

Plays visits from scripts such as simulation/visits/first-visit.json, several at once.`
const interruptedExitCode = 130

/** Playing a visit is mostly waiting: for a process to start, for a message to arrive. */
const lanes = openVisitLanes(availableParallelism() + 1)

const print = (text: string) => process.stdout.write(`${text}\n`)

async function main(files: readonly string[]): Promise<number> {
  if (files.length === 0 || files.includes('--help') || files.includes('-h')) {
    print(usage)
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
  print(`Playing ${countOf(scripts.length)}.`)
  const played = scripts.map((script) => lanes.play(script))
  // Printed in the given order, whichever ends first.
  for (const each of played) each.catch(() => {})
  const failed: string[] = []
  for (const [nth, { title }] of scripts.entries()) {
    const one = await played[nth]
    if (one) printVisit(title, one)
    if (one?.failure !== null) failed.push(title)
  }
  const held = scripts.length - failed.length
  print(`\n${held} of ${countOf(scripts.length)} held.`)
  for (const title of failed) print(`Failed: ${title}`)
  return failed.length === 0 ? 0 : 1
}

const countOf = (visits: number): string => `${visits} visit${visits === 1 ? '' : 's'}`

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

function printVisit(title: string, { failure, timeline }: Played): void {
  print(`\n${title}`)
  for (const entry of timeline) print(textOf(entry))
  print(failure ? failureText(failure) : '  held')
}

const textOf = ({ atMs, who, visit, sentence }: TimelineEntry): string => {
  const at = new Date(atMs).toISOString().slice(11, 19)
  return `  ${at}  ${who.padEnd(5)} ${visit === null ? '   ' : String(visit).padStart(3)}  ${sentence}`
}

const failureText = ({ step, what, wanted, found }: Failure): string =>
  `  FAILED at step ${step}, ${JSON.stringify(what)}\n    expected: ${wanted}\n    found:    ${found}`

const end = (code: number) => void lanes.close().then(() => process.exit(code))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => end(interruptedExitCode))
}

main(process.argv.slice(2)).then(end, (fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.stack : String(fault)}\n`)
  end(1)
})

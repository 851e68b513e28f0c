/**
 * `npm run visit -- FILE…`: plays visits from scripts, without a browser, and prints what happened.
 * The exit code is 0 when everything held, 1 when something did not, 64 for a file that cannot be
 * played.
 */
import { readFileSync } from 'node:fs'
import type { TimelineEntry } from './control-room-state.ts'
import { type Parting, playVisit } from './play-visit.ts'
import { withHome } from './throwaway-home.ts'
import { readScript, type VisitScript } from './visit-script.ts'

const usage = `npm run visit -- FILE...

Plays visits from scripts such as simulation/visits/first-visit.json.`
const usageExitCode = 64

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
  let failures = 0
  for (const script of scripts) if (!(await held(script))) failures += 1
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

async function held(script: VisitScript): Promise<boolean> {
  say(`\n${script.title}`)
  return withHome(async (home) => {
    const parting = await playVisit(home, script)
    for (const entry of home.timeline.entries) say(lineFor(entry))
    say(parting ? wordsFor(parting) : '  held')
    return parting === null
  })
}

const lineFor = ({ atMs, who, visit, sentence }: TimelineEntry): string => {
  const at = new Date(atMs).toISOString().slice(11, 19)
  return `  ${at}  ${who.padEnd(5)} ${visit === null ? '   ' : String(visit).padStart(3)}  ${sentence}`
}

const wordsFor = ({ step, what, wanted, found }: Parting): string =>
  `  PARTED at step ${step}, ${JSON.stringify(what)}\n    expected: ${wanted}\n    found:    ${found}`

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (fault: unknown) => {
    process.stderr.write(`${fault instanceof Error ? fault.stack : String(fault)}\n`)
    process.exit(1)
  },
)

/** The program behind `npm run count`: the size of the code and the plainness of its language. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../support/project-files.ts'
import { type Counts, countProject } from './project.ts'

const usage = `npm run count -- [--details] [--time] [REVISION…]

Counts the working tree, beside each revision of git that is named.
  --details   also lists long functions, wide functions, full folders and unused exports
  --time      also runs npm ci and npm test of each, and prints how long npm test took`
const usageExitCode = 64

interface Options {
  readonly details: boolean
  readonly time: boolean
}

/** A clean clone at a revision. */
function cloned(revision: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-count-'))
  execFileSync('git', ['clone', '--quiet', root, folder])
  execFileSync('git', ['checkout', '--quiet', revision], { cwd: folder })
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}

function countRevision(revision: string, options: Options): Counts {
  const { folder, remove } = cloned(revision)
  try {
    return counted(folder, options)
  } finally {
    remove()
  }
}

function counted(folder: string, { time }: Options): Counts {
  const counts = countProject(folder)
  if (!time) return counts
  if (folder !== root) execFileSync('npm', ['ci'], { cwd: folder, stdio: 'ignore' })
  const startedAtMs = Date.now()
  const { status } = spawnSync('npm', ['test'], { cwd: folder, stdio: 'ignore' })
  const seconds = Math.round((Date.now() - startedAtMs) / 1_000)
  const figures = { 'npm test: seconds': seconds, 'npm test: exit code': status ?? 1 }
  return { ...counts, figures: { ...counts.figures, ...figures } }
}

function tableOf(columns: ReadonlyMap<string, Counts>): string {
  const all = [...columns.values()]
  const rows = Object.keys(all[0]?.figures ?? {}).map((label) => [
    label,
    ...all.map(({ figures }) => String(figures[label])),
  ])
  return [['', ...columns.keys()], ...rows]
    .map(
      ([label = '', ...cells]) => label.padEnd(50) + cells.map((one) => one.padStart(14)).join(''),
    )
    .join('\n')
}

function main(): number {
  try {
    const { values: options, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        details: { type: 'boolean', default: false },
        time: { type: 'boolean', default: false },
      },
    })
    const columns = new Map(
      positionals.map((revision) => [revision, countRevision(revision, options)]),
    )
    const now = counted(root, options)
    columns.set('working tree', now)
    console.log(tableOf(columns))
    if (options.details) console.log(['', ...now.details].join('\n'))
    return 0
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return usageExitCode
  }
}

process.exitCode = main()

/** The program behind `npm run count`: the size of the code and the plainness of its language. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../support/project-files.ts'
import { type Counts, countProject } from './project.ts'

const usage = `npm run count -- [--details] [REVISION…]

Counts the working tree, beside each revision of git that is named.
  --details   also lists long functions, wide functions, full folders and unused exports`
const usageExitCode = 64

/** The files of a revision, in a folder that `remove` deletes. */
function checkedOut(revision: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-count-'))
  const archive = execFileSync('git', ['archive', revision], {
    cwd: root,
    maxBuffer: 512 * 1024 * 1024,
  })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}

function countRevision(revision: string): Counts {
  const { folder, remove } = checkedOut(revision)
  try {
    return countProject(folder)
  } finally {
    remove()
  }
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
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { details: { type: 'boolean', default: false } },
    })
    const columns = new Map(positionals.map((revision) => [revision, countRevision(revision)]))
    const now = countProject(root)
    columns.set('working tree', now)
    console.log(tableOf(columns))
    if (values.details) console.log(['', ...now.details].join('\n'))
    return 0
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return usageExitCode
  }
}

process.exitCode = main()

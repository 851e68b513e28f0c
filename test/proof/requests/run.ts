/**
 * Runs the tests, and has AWS's own models judge each request that an AWS client made in them. Only
 * requests of the tests' own processes are seen, which include the functions of the played cloud.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../support/project-files.ts'
import { judged } from './judge.ts'

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot']

function main(tests: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-requests-'))
  const { PROOF: _, ...env } = process.env
  const run = spawnSync(process.execPath, [...vitest, ...tests], {
    cwd: root,
    env: { ...env, RECORDED_REQUESTS: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const lines = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  rmSync(folder, { recursive: true })
  const { judged: counts, wrong } = judged(lines.join(''))
  const forms = Object.values(counts).reduce((sum, count) => sum + count, 0)
  for (const [operation, count] of Object.entries(counts).sort()) {
    console.log(`${String(count).padStart(5)} ${operation}`)
  }
  for (const sentence of wrong) console.log(`WRONG ${sentence}`)
  if (run.status !== 0) console.log('Some of the tests failed, so requests may be missing.')
  if (forms === 0) console.log('No request was recorded.')
  console.log(`${forms} passed, ${wrong.length} failed`)
  return run.status === 0 && forms > 0 && wrong.length === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))

/**
 * `npm run deploy`: deploys, and after the first success once more with everything protected against
 * deletion. Before that a failed deployment must be removable. The success is noted in cdk.json.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'

const settingsFile = z.looseObject({ context: z.looseObject({ protect: z.optional(z.boolean()) }) })

/** Returns the exit code. `cdk` runs the CDK's command with these arguments and returns its own. */
export function deploy(
  file: string,
  args: readonly string[],
  cdk: (args: readonly string[]) => number,
): number {
  const first = cdk(['deploy', '--all', ...args])
  if (first !== 0) {
    console.error(
      '\nThe deployment failed, for the reason above. It can be repeated after any failure.',
    )
    console.error('What the account still needs says: npm run cloud -- check')
    return first
  }
  const settings = z.parse(settingsFile, JSON.parse(readFileSync(file, 'utf8')))
  if (settings.context.protect === true) return 0
  const second = cdk(['deploy', '--all', ...args, '-c', 'protect=true'])
  if (second !== 0) return second
  const context = { ...settings.context, protect: true }
  writeFileSync(file, `${JSON.stringify({ ...settings, context }, null, 2)}\n`)
  return 0
}

const root = join(import.meta.dirname, '../..')

if (process.argv[1] === import.meta.filename) {
  const command = join(root, 'node_modules/aws-cdk/bin/cdk')
  process.exitCode = deploy(join(root, 'cdk.json'), process.argv.slice(2), (args) => {
    const { status } = spawnSync(process.execPath, [command, ...args], {
      cwd: root,
      stdio: 'inherit',
    })
    return status ?? 1
  })
}

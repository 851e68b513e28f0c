/**
 * `npm run deploy`: deploys, and after the first success once more with everything protected against
 * deletion. Before that a failed deployment must be removable. The success is noted in cdk.json.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { checkCredentials } from './check/account.ts'
import { failureOf } from './failures.ts'

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
  // An owner who wrote false is about to remove the deployment.
  if (settings.context.protect !== undefined) return 0
  const second = cdk(['deploy', '--all', ...args, '-c', 'protect=true'])
  if (second !== 0) return second
  const context = { ...settings.context, protect: true }
  writeFileSync(file, `${JSON.stringify({ ...settings, context }, null, 2)}\n`)
  return 0
}

const usage = `npm run deploy [-- OPTION...]

Deploys the settings of cdk.json to AWS. Options go to "cdk deploy", as in:
  --require-approval never   does not ask before it grants permissions
  -c NAME=VALUE              sets a setting, instead of cdk.json
  --profile NAME             uses this profile of the AWS configuration`

const root = join(import.meta.dirname, '../..')

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage)
    return 0
  }
  // Without a sign-in, the CDK would first build everything and then ask a service that is not there.
  const usesProfile = args.some((arg) => arg.startsWith('--profile'))
  const problem = usesProfile ? null : await problemOfSignIn()
  if (problem !== null) {
    console.error(problem)
    return 1
  }
  const command = join(root, 'node_modules/aws-cdk/bin/cdk')
  return deploy(join(root, 'cdk.json'), args, (more) => {
    const { status } = spawnSync(process.execPath, [command, ...more], {
      cwd: root,
      stdio: 'inherit',
    })
    return status ?? 1
  })
}

async function problemOfSignIn(): Promise<string | null> {
  try {
    await checkCredentials()
    return null
  } catch (error) {
    return failureOf(error)?.text ?? String(error)
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2))

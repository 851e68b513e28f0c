/** What an installer types: `smart-door run | explain | verify-log`. */
import { parseArgs } from 'node:util'
import { ConfigError, configExitCode, defaultConfigPath } from '../config.ts'
import { StoreFault } from '../ports.ts'

const usage = `smart-door: the daemon at the door

  smart-door run                    start the door
  smart-door explain VISIT          what happened in a visit, and why: its number or its id
  smart-door explain EVENT          one line of the log: its sequence number (#12) or its id
  smart-door verify-log             has anything in the log been changed afterwards?
                  --head SEQ:HASH   ... compared with a hash that was kept elsewhere

Every command takes --config FILE (else $SMART_DOOR_CONFIG, else ${defaultConfigPath}).`

const usageExitCode = 64

async function main(args: readonly string[]): Promise<number | undefined> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { config: { type: 'string' }, head: { type: 'string' }, help: { type: 'boolean' } },
  })
  const [command, ...rest] = positionals
  const config = values.config ?? process.env['SMART_DOOR_CONFIG'] ?? defaultConfigPath
  if (values.help) return say(usage, 0)
  switch (command) {
    case 'run': {
      const { runDoor } = await import('../main.ts')
      await runDoor(config)
      return undefined
    }
    case 'explain': {
      const { explain } = await import('./explain.ts')
      return rest[0] === undefined ? complain(usage) : explain(config, rest[0])
    }
    case 'verify-log': {
      const { verifyLog } = await import('./verify-log.ts')
      return verifyLog(config, values.head)
    }
    default:
      return complain(usage)
  }
}

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`)
  return code
}

function complain(text: string, code = usageExitCode): number {
  process.stderr.write(`${text}\n`)
  return code
}

function failure(error: unknown): number {
  if (error instanceof ConfigError) return complain(error.message.trimEnd(), configExitCode)
  if (error instanceof StoreFault) return complain(error.message, 1)
  if (
    error instanceof TypeError &&
    'code' in error &&
    String(error.code).startsWith('ERR_PARSE_ARGS')
  ) {
    return complain(`${error.message}\n\n${usage}`)
  }
  return complain(error instanceof Error ? (error.stack ?? error.message) : String(error), 1)
}

main(process.argv.slice(2))
  .catch(failure)
  .then((code) => {
    if (code !== undefined) process.exit(code)
  })

/** What an installer types: `smart-door run | doctor | config | provision | explain | verify-log`. */
import { parseArgs } from 'node:util'
import { ConfigError, configExitCode, defaultConfigPath } from '../config/config.ts'
import { StoreFault } from '../daemon/ports.ts'
import { misuse, version } from './command-line.ts'

const usage = `smart-door: the daemon at the door

  smart-door run                    start the door
              --until-stdin-ends    ... and stop it when whoever started it is gone
  smart-door doctor                 is everything as it should be, and if not, what to do?
              --blink               ... and switch the relay on three times for a moment
              --json                ... for programs
  smart-door config check           is the config file right?
  smart-door config show            every setting, what it means and what it may be
  smart-door config example         a config file with everything in it
  smart-door provision              give this door its certificate and key, with AWS credentials
              --claim FOLDER        ... or with a claim: certificate.pem and private-key.pem
              --template NAME       ... and this provisioning template (else smart-door)
              --rotate              ... new ones in the place of good ones; nothing stands still
  smart-door explain VISIT          what happened in a visit, and why: its number or its id
  smart-door explain EVENT          one line of the log: its sequence number (#12) or its id
  smart-door verify-log             has anything in the log been changed afterwards?
                  --head SEQ:HASH   ... compared with a hash that was kept elsewhere

Every command takes --config FILE (else $SMART_DOOR_CONFIG, else ${defaultConfigPath}).
-h or --help shows this text, --version the version.`

const usageExitCode = 64

const options = {
  config: { type: 'string' },
  head: { type: 'string' },
  'until-stdin-ends': { type: 'boolean' },
  claim: { type: 'string' },
  template: { type: 'string' },
  rotate: { type: 'boolean' },
  blink: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

async function main(args: readonly string[]): Promise<number | undefined> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options })
  if (values.help) return say(usage, 0)
  if (values.version) return say(`smart-door ${version()}`, 0)
  const [command, ...words] = positionals
  const mistake = mistakeIn(command, words, values.head)
  if (mistake !== null) return complain(`${mistake}\n\n${usage}`)
  const config = values.config ?? process.env['SMART_DOOR_CONFIG'] ?? defaultConfigPath
  if (command === 'explain') {
    const { explain } = await import('./explain.ts')
    return explain(config, words[0] ?? '')
  }
  if (command === 'verify-log') {
    const { verifyLog } = await import('./verify-log.ts')
    return verifyLog(config, values.head)
  }
  if (command === 'provision') {
    const { provision } = await import('./provision/provision.ts')
    const { rotate = false, claim = null, template = 'smart-door' } = values
    return provision(config, { rotate, claim, template })
  }
  if (command === 'doctor') {
    const { doctor } = await import('./doctor/doctor.ts')
    const { json = false, blink = false } = values
    return doctor(config, { json, blink })
  }
  if (command === 'config') {
    const { configCommand } = await import('./config.ts')
    return configCommand(configCommands.find((name) => name === words[0]) ?? 'check', config)
  }
  const { runDoor } = await import('../main.ts')
  if (values['until-stdin-ends']) stopWhenStdinEnds()
  await runDoor(config)
  return undefined
}

const commands = ['run', 'doctor', 'config', 'provision', 'explain', 'verify-log']
const configCommands = ['check', 'show', 'example'] as const

function mistakeIn(
  command: string | undefined,
  words: readonly string[],
  head: string | undefined,
): string | null {
  if (command === undefined) return 'Which command?'
  if (!commands.includes(command)) return `There is no command "${command}".`
  if (head !== undefined && command !== 'verify-log') return 'Only verify-log takes --head.'
  const isConfig = command === 'config'
  const wanted = isConfig || command === 'explain' ? 1 : 0
  if (words.length < wanted) return isConfig ? 'config what?' : 'Which visit or event?'
  const known: readonly (string | undefined)[] = configCommands
  if (isConfig && !known.includes(words[0])) return `There is no command "config ${words[0]}".`
  return words.length > wanted ? `"${words[wanted]}" is one word too many.` : null
}

/** The other end of the pipe is closed by the system, however whoever held it has ended. */
function stopWhenStdinEnds(): void {
  process.stdin.on('error', () => {}) // 'close' follows.
  process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM'))
  process.stdin.resume()
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
  const mistake = misuse(error)
  if (mistake !== null) return complain(`${mistake}\n\n${usage}`)
  return complain(error instanceof Error ? (error.stack ?? error.message) : String(error), 1)
}

main(process.argv.slice(2))
  .catch(failure)
  .then((code) => {
    if (code !== undefined) process.exit(code)
  })

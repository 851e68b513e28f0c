/** The commands of `smart-door`: what each takes, its help, and where it is carried out. */
import { parseArgs } from 'node:util'
import { ConfigError, configExitCode, defaultConfigPath } from '../config/config.ts'
import { closestTo, didYouMean } from '../config/did-you-mean.ts'
import { StoreFault } from '../daemon/ports.ts'
import { type Io, Misuse, misuse, usageExitCode, version } from './command-line.ts'

const flag = (help: string) => ({ type: 'boolean', help }) as const
const value = (name: string, help: string) => ({ type: 'string', name, help }) as const

const options = {
  config: value('FILE', `config file (default: $SMART_DOOR_CONFIG, else ${defaultConfigPath})`),
  'until-stdin-ends': flag('stop when standard input is closed'),
  blink: flag('also switch the relay on three times, for 0.4 s each'),
  json: flag('print the findings as JSON'),
  claim: value('FOLDER', 'use this claim (certificate.pem, private-key.pem), not AWS credentials'),
  template: value('NAME', 'provisioning template of the claim (default: smart-door)'),
  rotate: flag('replace certificate and key although they are good'),
  head: value('SEQ:HASH', 'compare with what an earlier run printed'),
  help: { ...flag('show this help'), short: 'h' },
  version: flag('show the version'),
} as const

type OptionName = keyof typeof options
type Values = ReturnType<typeof parse>['values']
const forEvery: readonly OptionName[] = ['config', 'help']

interface Call {
  readonly configPath: string
  readonly values: Values
  /** What follows the command; empty for a command that takes nothing. */
  readonly argument: string
  readonly io: Io
}

interface Command {
  readonly summary: string
  readonly argument?: string
  readonly options?: readonly OptionName[]
  readonly details?: string
  readonly run: (call: Call) => Promise<number | undefined>
}

// Each loads only what it needs: the daemon stays small.
const commands: Readonly<Record<string, Command>> = {
  run: {
    summary: 'start the door',
    options: ['until-stdin-ends'],
    async run({ configPath, values }) {
      const { runDoor } = await import('../main.ts')
      if (values['until-stdin-ends']) stopWhenStdinEnds()
      await runDoor(configPath)
      return undefined
    },
  },
  doctor: {
    summary: 'check everything the door needs, and say what to do about it',
    options: ['blink', 'json'],
    details: 'Changes nothing. Exit code 1 if there is an error.',
    run: async ({ configPath, values: { json = false, blink = false }, io }) =>
      (await import('./doctor/doctor.ts')).doctor(configPath, { json, blink }, io),
  },
  'config check': {
    summary: 'check the config file',
    run: async ({ configPath, io }) => (await import('./config.ts')).checkConfig(configPath, io),
  },
  'config show': {
    summary: 'list every setting: value, meaning, limits',
    details: 'Without a config file: the defaults. Passwords are not shown.',
    run: async ({ configPath, values: { config }, io }) =>
      (await import('./config.ts')).showConfig(configPath, { mayBeMissing: !config }, io),
  },
  'config example': {
    summary: 'print the config file of a new door, with every setting',
    run: async ({ io }) => (await import('./config.ts')).printExample(io),
  },
  provision: {
    summary: 'get this door its certificate and door key',
    options: ['claim', 'template', 'rotate'],
    details:
      'Needs AWS credentials in the environment, or a claim: see docs/provisioning.md. May be run\nagain at any time, and continues where it stopped.',
    async run({ configPath, values, io }) {
      const { rotate = false, claim = null, template = 'smart-door' } = values
      const { provision } = await import('./provision/provision.ts')
      return provision(configPath, { rotate, claim, template }, io)
    },
  },
  explain: {
    summary: 'say what happened during a visit, and why',
    argument: 'VISIT|EVENT',
    details:
      'VISIT is the number or id of a visit, EVENT the sequence number (#12) or id of an event.',
    run: async ({ configPath, argument, io }) =>
      (await import('./log.ts')).explain(configPath, argument, io),
  },
  'verify-log': {
    summary: 'check that the log was not changed',
    options: ['head'],
    details: 'Prints SEQ:HASH to store elsewhere, for a later --head.',
    run: async ({ configPath, values, io }) =>
      (await import('./log.ts')).verifyLog(configPath, values.head, io),
  },
}

// ---------------------------------------------------------------- calling a command

/** The exit code; undefined while the daemon runs. */
export async function main(argv: readonly string[], io: Io): Promise<number | undefined> {
  try {
    const { values, positionals } = parse(argv)
    if (values.version) return print(io, `smart-door ${version()}`)
    if (values.help) return print(io, helpFor(positionals))
    const [name, command] = findCommand(positionals)
    const argument = argumentFor(name, command, positionals)
    checkOptions(name, command, values)
    const configPath = values.config ?? process.env['SMART_DOOR_CONFIG'] ?? defaultConfigPath
    return await command.run({ configPath, values, argument, io })
  } catch (error) {
    return reportFailure(error, io)
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({ args: [...argv], allowPositionals: true, options })

function findCommand(words: readonly string[]): [name: string, command: Command] {
  const [first] = words
  if (first === undefined) throw new Misuse('Which command?')
  for (const name of [words.slice(0, 2).join(' '), first]) {
    const command = commands[name]
    if (command) return [name, command]
  }
  const isGroup = groupOf(first).length > 0
  if (isGroup && words.length === 1) throw new Misuse('Which command?', first)
  const typed = words.slice(0, isGroup ? 2 : 1).join(' ')
  const meant = closestTo(typed, [...Object.keys(commands), 'config'])
  throw new Misuse(`There is no command "${typed}". ${didYouMean(meant)}`, isGroup ? first : '')
}

function argumentFor(name: string, { argument }: Command, words: readonly string[]): string {
  const given = words.slice(name.split(' ').length)
  const [tooMany] = given.slice(argument ? 1 : 0)
  if (tooMany !== undefined) throw new Misuse(`"${tooMany}" is not expected.`, name)
  if (argument && given[0] === undefined) throw new Misuse(`${argument} is missing.`, name)
  return given[0] ?? ''
}

/** The commands that begin with this word: `config check`, `config show`, ... */
const groupOf = (word: string): string[] =>
  Object.keys(commands).filter((name) => name.startsWith(`${word} `))

function checkOptions(name: string, command: Command, values: Values): void {
  const allowed: readonly string[] = [...(command.options ?? []), ...forEvery]
  const wrong = Object.keys(values).find((option) => !allowed.includes(option))
  if (wrong === undefined) return
  throw new Misuse(`"smart-door ${name}" takes no option --${wrong}.`, name)
}

/** The system closes the pipe however the process at its other end died. */
function stopWhenStdinEnds(): void {
  process.stdin.on('error', () => {}) // 'close' follows.
  process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM'))
  process.stdin.resume()
}

function print(io: Io, text: string): number {
  io.stdout.write(`${text}\n`)
  return 0
}

function reportFailure(error: unknown, { stderr }: Io): number {
  const fail = (text: string, code: number): number => {
    stderr.write(`${text.trimEnd()}\n`)
    return code
  }
  if (error instanceof ConfigError) return fail(error.message, configExitCode)
  if (error instanceof StoreFault) return fail(error.message, 1)
  const mistake = error instanceof Misuse ? error.message : misuse(error, Object.keys(options))
  if (mistake !== null) {
    const words = ['smart-door', error instanceof Misuse ? error.command : '', '--help']
    return fail(`${mistake.trim()}\nSee: ${words.filter(Boolean).join(' ')}`, usageExitCode)
  }
  return fail(error instanceof Error ? (error.stack ?? error.message) : String(error), 1)
}

// ---------------------------------------------------------------- help

function helpFor(words: readonly string[]): string {
  const [first] = words
  if (first === undefined) return overview()
  if (words.length === 1 && groupOf(first).length > 0) {
    return groupOf(first)
      .map((name) => helpOf(...findCommand(name.split(' '))))
      .join('\n\n')
  }
  return helpOf(...findCommand(words))
}

const overview = (): string => `smart-door: the program that runs at the door

Usage: smart-door COMMAND [OPTION...]

${table(Object.entries(commands).map(([name, { summary }]) => [name, summary]))}

${optionTable(['config', 'help', 'version'])}

"smart-door COMMAND --help" describes one command.`

function helpOf(name: string, command: Command): string {
  const { summary, argument, options: own = [], details } = command
  const usage = ['smart-door', name, argument, '[OPTION...]'].filter(Boolean).join(' ')
  return [
    `${usage}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(details ? [details] : []),
    optionTable([...own, ...forEvery]),
  ].join('\n\n')
}

const optionTable = (names: readonly OptionName[]): string =>
  table(
    names.map((option) => {
      const { help, ...more } = options[option]
      const short = 'short' in more ? `-${more.short}, ` : ''
      return [`${short}--${option}${'name' in more ? ` ${more.name}` : ''}`, help]
    }),
  )

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

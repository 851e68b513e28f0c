/** Runs the commands of a program: what each takes, its help, and what a mistake is answered with. */
import { parseArgs } from 'node:util'
import { type Io, Misuse, misuse, usageExitCode, version } from './command-line.ts'
import { closestTo, didYouMean } from './did-you-mean.ts'

interface Flag {
  readonly type: 'boolean'
  readonly help: string
  readonly short?: string
}

interface Value {
  readonly type: 'string'
  readonly help: string
  /** What the value is called in the help. */
  readonly name: string
}

type Options = Readonly<Record<string, Flag | Value>>

export const flag = (help: string) => ({ type: 'boolean', help }) as const
export const value = (name: string, help: string) => ({ type: 'string', name, help }) as const

/** Every program has these. */
export const standardOptions = {
  help: { ...flag('show this help'), short: 'h' },
  version: flag('show the version'),
} as const

export type Values<O extends Options> = {
  readonly [Name in keyof O]?: O[Name] extends Flag ? boolean : string
}

interface Call<O extends Options> {
  readonly values: Values<O>
  /** What follows the command, in the order of `Command.arguments`. */
  readonly given: readonly string[]
  readonly io: Io
}

export interface Command<O extends Options> {
  readonly summary: string
  readonly arguments?: readonly string[]
  readonly options?: readonly (keyof O & string)[]
  readonly details?: string
  /** The exit code; undefined while the program runs on. */
  readonly run: (call: Call<O>) => Promise<number | undefined>
}

export interface Program<O extends Options> {
  /** As it is typed. */
  readonly name: string
  readonly summary: string
  readonly options: O
  /** Options of every command. */
  readonly forEvery: readonly (keyof O & string)[]
  /** By name, of one or two words. */
  readonly commands: Readonly<Record<string, Command<O>>>
  /** What a failure is answered with; null for an unexpected one. */
  failure(error: unknown): { readonly text: string; readonly code: number } | null
}

export async function runProgram<O extends Options>(
  program: Program<O>,
  argv: readonly string[],
  io: Io,
): Promise<number | undefined> {
  let ran = ''
  try {
    const { values, positionals } = parse(program, argv)
    if (values['version']) return print(io, `${program.name} ${version()}`)
    if (values['help']) return print(io, helpFor(program, positionals))
    const [name, command] = findCommand(program, positionals)
    const given = argumentsFor(name, command, positionals)
    checkOptions(program, [name, command], values)
    ran = name
    // `parseArgs` has checked each value against its option.
    return await command.run({ values: values as Values<O>, given, io })
  } catch (error) {
    return reportFailure(program, error, ran, io)
  }
}

/** A mistake quotes what was typed. */
const longestArgument = 1_000

function parse({ options }: { readonly options: Options }, argv: readonly string[]) {
  const tooLong = argv.find((arg) => arg.length > longestArgument)
  if (tooLong === undefined) return parseArgs({ args: [...argv], allowPositionals: true, options })
  throw new Misuse(`An argument has ${tooLong.length} characters; ${longestArgument} is the most.`)
}

function findCommand<O extends Options>(
  { commands }: Program<O>,
  words: readonly string[],
): [name: string, command: Command<O>] {
  const [first] = words
  if (first === undefined) throw new Misuse('Which command?')
  for (const name of [words.slice(0, 2).join(' '), first]) {
    const command = commands[name]
    if (command) return [name, command]
  }
  const names = Object.keys(commands)
  const isGroup = groupOf(names, first).length > 0
  if (isGroup && words.length === 1) throw new Misuse('Which command?', first)
  const typed = words.slice(0, isGroup ? 2 : 1).join(' ')
  const meant = closestTo(typed, [...names, ...names.map((name) => name.split(' ')[0] ?? '')])
  throw new Misuse(`There is no command "${typed}". ${didYouMean(meant)}`, isGroup ? first : '')
}

function argumentsFor<O extends Options>(
  name: string,
  { arguments: wanted = [] }: Command<O>,
  words: readonly string[],
): readonly string[] {
  const given = words.slice(name.split(' ').length)
  const tooMany = given[wanted.length]
  if (tooMany !== undefined) throw new Misuse(`"${tooMany}" is not expected.`, name)
  const missing = wanted[given.length]
  if (missing !== undefined) throw new Misuse(`${missing} is missing.`, name)
  return given
}

/** The commands that begin with this word: `config check`, `config show`, ... */
const groupOf = (names: readonly string[], word: string): string[] =>
  names.filter((name) => name.startsWith(`${word} `))

function checkOptions<O extends Options>(
  program: Program<O>,
  [name, command]: readonly [string, Command<O>],
  values: object,
): void {
  const allowed: readonly string[] = [...(command.options ?? []), ...program.forEvery, 'help']
  const wrong = Object.keys(values).find((option) => !allowed.includes(option))
  if (wrong === undefined) return
  throw new Misuse(`"${program.name} ${name}" takes no option --${wrong}.`, name)
}

function print({ stdout }: Io, text: string): number {
  stdout.write(`${text}\n`)
  return 0
}

function reportFailure<O extends Options>(
  program: Program<O>,
  error: unknown,
  /** The command that failed, if one ran. */
  ran: string,
  { stderr }: Io,
): number {
  const fail = (text: string, code: number): number => {
    stderr.write(`${text.trimEnd()}\n`)
    return code
  }
  const known = program.failure(error)
  if (known) return fail(known.text, known.code)
  const mistake =
    error instanceof Misuse ? error.message : misuse(error, Object.keys(program.options))
  if (mistake !== null) {
    const command = (error instanceof Misuse && error.command) || ran
    const words = [program.name, command, '--help']
    return fail(`${mistake.trim()}\nSee: ${words.filter(Boolean).join(' ')}`, usageExitCode)
  }
  return fail(error instanceof Error ? (error.stack ?? error.message) : String(error), 1)
}

// ---------------------------------------------------------------- help

function helpFor<O extends Options>(program: Program<O>, words: readonly string[]): string {
  const [first] = words
  if (first === undefined) return overview(program)
  const group = groupOf(Object.keys(program.commands), first)
  if (words.length > 1 || group.length === 0) {
    return helpOf(program, ...findCommand(program, words))
  }
  return group.map((name) => helpOf(program, ...findCommand(program, name.split(' ')))).join('\n\n')
}

const overview = <O extends Options>(
  program: Program<O>,
): string => `${program.name}: ${program.summary}

Usage: ${program.name} COMMAND [OPTION...]

${table(Object.entries(program.commands).map(([name, { summary }]) => [name, summary]))}

${optionTable(program, [...program.forEvery, 'help', 'version'])}

"${program.name} COMMAND --help" describes one command.`

function helpOf<O extends Options>(program: Program<O>, name: string, command: Command<O>): string {
  const { summary, arguments: wanted = [], options: own = [], details } = command
  const usage = [program.name, name, ...wanted, '[OPTION...]'].join(' ')
  return [
    `${usage}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(details ? [details] : []),
    optionTable(program, [...own, ...program.forEvery, 'help']),
  ].join('\n\n')
}

const optionTable = <O extends Options>(
  { options }: Program<O>,
  names: readonly string[],
): string =>
  table(
    names.flatMap((name): [string, string][] => {
      const option = options[name]
      if (!option) return []
      const short = 'short' in option ? `-${option.short}, ` : ''
      return [[`${short}--${name}${'name' in option ? ` ${option.name}` : ''}`, option.help]]
    }),
  )

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

/** The options of `npm start`, as they are typed. */
import { parseArgs } from 'node:util'
import { misuse, version } from '../terminal/command-line.ts'

export interface StartOptions {
  readonly port: number
  readonly data: string | undefined
  readonly open: boolean
  readonly recordings: boolean
}

export type ParsedOptions =
  | { readonly options: StartOptions }
  /** For `--help` and `--version`. */
  | { readonly answer: string }
  | { readonly mistake: string }

/** Distances from the control room's port. */
export const portAfter = { keypad: 100, web: 200 }
const highestPort = 65_535 - portAfter.web

const usage = `npm start -- [options]

  --port N        port of the control room (4000); the keypad page uses the hundredth port after
                  it, the cloud's pages the two hundredth
  --data DIR      store door and cloud in DIR and go on from there (else a temporary folder)
  --open          open the control room in the browser
  --no-recording  record no visits, even if ffmpeg is installed
  -h, --help      this text
  --version       the version`

const known = {
  port: { type: 'string', default: '4000' },
  data: { type: 'string' },
  open: { type: 'boolean', default: false },
  'no-recording': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

export function parseOptions(args: readonly string[]): ParsedOptions {
  const parsed = parsedArgs(args)
  if (typeof parsed === 'string') return mistaken(parsed)
  if (parsed.help) return { answer: usage }
  if (parsed.version) return { answer: `smart-door ${version()}` }
  const port = Number(parsed.port)
  if (!Number.isInteger(port) || port < 1 || port > highestPort) {
    const why = port > highestPort ? `: other pages are up to ${portAfter.web} further` : ''
    return mistaken(`--port takes a number from 1 to ${highestPort}${why}.`)
  }
  if (parsed.data === '') return mistaken('--data takes the path of a folder.')
  const { data, open } = parsed
  return { options: { port, data, open, recordings: !parsed['no-recording'] } }
}

function parsedArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known }).values
  } catch (error) {
    const mistake = misuse(error, Object.keys(known))
    if (mistake === null) throw error
    return mistake
  }
}

const mistaken = (mistake: string) => ({ mistake: `${mistake}\n\n${usage}` })

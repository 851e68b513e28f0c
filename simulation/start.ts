/**
 * `npm start`: a home on this computer. The daemon runs as it would on a Pi, as a process of its
 * own, and the cloud's own functions run beside stand-ins for AWS; a page lets a person play
 * everybody.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { misuse, version } from '../device/cli/command-line.ts'
import { buildControlRoom, type ControlRoom } from './control-room/server.ts'
import { freePort } from './door/free-port.ts'
import type { Death, DoorProcess } from './door/process.ts'
import { type DataFolder, openDataFolder } from './home/data-folder.ts'
import { type Home, startHome } from './home/home.ts'
import { hasFfmpeg } from './scenes/scene-recorder.ts'

const usage = `npm start -- [options]

  --port N     port of the control room (4000); the keypad page takes the hundredth after it,
               the cloud's pages the two hundredth
  --data DIR   keep door and cloud in DIR and go on from there (else a temporary folder)
  --open       open the control room in the browser
  --no-film    film no visits, even where ffmpeg is there
  -h, --help   this text
  --version    the version`

const usageExitCode = 64
const portAfter = { keypad: 100, web: 200 }
const highestPort = 65_535 - portAfter.web

const say = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

interface Options {
  readonly port: number
  readonly data: string | undefined
  readonly open: boolean
  readonly recordings: boolean
}

interface Ports {
  readonly room: number
  readonly keypad: number
  readonly web: number
}

async function start({ port, data, open, recordings }: Options): Promise<void> {
  const opened: (() => unknown)[] = []
  stopOnSignals(async () => {
    for (const close of opened.toReversed()) await close()
  })
  const folder = openDataFolder(data)
  process.on('exit', folder.leave)
  const ports: Ports = {
    room: await portFor('the control room', port),
    keypad: await portFor('the keypad page', port + portAfter.keypad),
    web: await portFor('the cloud’s pages', port + portAfter.web),
  }

  let room: ControlRoom | null = null
  const place = { folder, ports, recordings: recordings && hasFfmpeg() }
  let home = await startIn(place, () => room?.changed())
  opened.push(() => home.close())
  // However this program ends, nothing of it is left behind; the folder goes last.
  process.prependListener('exit', () => home.kill())
  room = await buildControlRoom({
    home: () => home,
    keypadUrl: home.keypadUrl,
    async reset() {
      await home.close()
      folder.clear()
      home = await startIn(place, () => room?.changed())
      await ready(home)
      room?.changed()
    },
  })
  const { app } = room
  opened.push(() => app.close())
  await app.listen({ host: '127.0.0.1', port: ports.room })
  await ready(home)
  const url = `http://127.0.0.1:${ports.room}`
  tellWhereThingsAre(url, home, folder)
  if (recordings && !home.recording) say(noRecording)
  say(`Ready in ${(performance.now() / 1_000).toFixed(1)} s. Ctrl-C stops everything.`)
  if (open) openBrowser(url)
}

const noRecording = `Film          none, stills only: ffmpeg is not there. To have it: sudo apt-get install ffmpeg`

interface Place {
  readonly folder: DataFolder
  readonly ports: Ports
  readonly recordings: boolean
}

async function startIn({ folder, ports, recordings }: Place, changed: () => void): Promise<Home> {
  const names = ['127.0.0.1', 'localhost']
  const home = await startHome({
    ...{ folder, keypadPort: ports.keypad, webPort: ports.web, recordings, changed },
    embeddedBy: names.map((name) => `http://${name}:${ports.room}`),
    doorStarted: tellTroubleOf,
  })
  return home
}

async function ready({ lines, keypad }: Home): Promise<void> {
  while (!lines.daemonThere() || keypad.state() === null) {
    await new Promise((passed) => setTimeout(passed, 20))
  }
}

function tellWhereThingsAre(url: string, { keypadUrl, gateway }: Home, folder: DataFolder): void {
  const config = `--config ${folder.configFile}`
  say(`Control room  ${url}`)
  say(`Keypad page   ${keypadUrl}`)
  say(`Cloud pages   ${gateway.origin}`)
  say(`Its config    ${folder.configFile}`)
  say(`Its log       npm run smart-door -- explain 1 ${config}, or verify-log ${config}`)
}

async function portFor(what: string, wanted: number): Promise<number> {
  const port = await freePort(wanted)
  if (port !== wanted) say(`Port ${wanted} is taken, so ${port} is used for ${what}.`)
  return port
}

function tellTroubleOf(door: DoorProcess): void {
  door.events.on('warning', (text) => complain(`The door warns: ${text}`))
  door.events.once('ready', () => door.events.on('ready', () => say('The door is back.')))
  door.events.on('died', (death) => {
    complain(wordsAbout(death))
    if (!death.willRestart) process.exit(1)
  })
}

function wordsAbout({ how, lastWords, atStart, willRestart }: Death): string {
  if (atStart && lastWords.length > 0) return lastWords.join('\n')
  const last = lastWords.length > 0 ? ` Its last words:\n${lastWords.join('\n')}` : ''
  const next = willRestart ? ' It is started again.' : ''
  return `The door ${how}.${next}${last}`
}

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

function openBrowser(url: string): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  once(child, 'error').then(
    () => complain(`No browser could be opened. Open ${url} yourself.`),
    () => {},
  )
  child.unref()
}

const stopWithinMs = 5_000
const checkParentEveryMs = 500

/**
 * The first signal stops in good order; the second, or too much time, at once. So does the end of
 * the parent: the shell in which npm starts this does not pass signals on.
 */
function stopOnSignals(close: () => Promise<void>): void {
  const parent = process.ppid
  let stopping = false
  const watch = setInterval(() => {
    if (process.ppid !== parent) stop()
  }, checkParentEveryMs).unref()
  const stop = () => {
    clearInterval(watch)
    if (stopping) process.exit(1)
    stopping = true
    setTimeout(() => process.exit(1), stopWithinMs).unref()
    close().then(
      () => process.exit(0),
      (fault) => {
        complain(String(fault))
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
}

// ---------------------------------------------------------------- what was typed

const known = {
  port: { type: 'string', default: '4000' },
  data: { type: 'string' },
  open: { type: 'boolean', default: false },
  'no-recording': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

function main(args: readonly string[]): void {
  const { values } = parseArgs({ args: [...args], options: known })
  if (values.help) return void say(usage)
  if (values.version) return void say(`smart-door ${version()}`)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > highestPort) {
    const why = port > highestPort ? `: other pages are up to ${portAfter.web} further` : ''
    return void misused(`--port takes a number from 1 to ${highestPort}${why}.`)
  }
  if (values.data === '') return void misused('--data takes the path of a folder.')
  const recordings = !values['no-recording']
  start({ port, data: values.data, open: values.open, recordings }).catch(failed)
}

function misused(mistake: string): void {
  complain(`${mistake}\n\n${usage}`)
  process.exitCode = usageExitCode
}

function failed(fault: unknown): void {
  complain(fault instanceof Error ? fault.message : String(fault))
  process.exit(1)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  const mistake = misuse(error)
  if (mistake === null) throw error
  misused(mistake)
}

/**
 * `npm start`: a home on this computer. The daemon runs as on a Pi, in its own process, and the cloud's
 * own functions run beside stand-ins for AWS. On one page a person can play every role.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { usageExitCode } from '../terminal/command-line.ts'
import { buildControlRoom, type ControlRoom } from './control-room/server.ts'
import { freePort } from './door/free-port.ts'
import type { Death, DoorProcess } from './door/process.ts'
import { type DataFolder, openDataFolder } from './home/data-folder.ts'
import { type Home, startHome } from './home/home.ts'
import { hasFfmpeg } from './scenes/scene-recorder.ts'
import { parseOptions, portAfter, type StartOptions } from './start-options.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

async function start({ port, data, open, recordings }: StartOptions): Promise<void> {
  const closers: (() => unknown)[] = []
  stopOnSignals(async () => {
    for (const close of closers.toReversed()) await close()
  })
  const folder = openDataFolder(data)
  process.on('exit', folder.leave)
  print('Starting the door and its cloud. This takes a few seconds.')
  const place = { folder, ports: await portsFrom(port), recordings: recordings && hasFfmpeg() }
  let room: ControlRoom | null = null
  let home = await startIn(place, () => room?.changed())
  closers.push(() => home.close())
  // However this program ends, the daemon ends first and the folder is removed last.
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
  closers.push(() => app.close())
  await app.listen({ host: '127.0.0.1', port: place.ports.room })
  await ready(home)
  const url = `http://127.0.0.1:${place.ports.room}`
  printAddresses(url, home, folder)
  if (recordings && !home.sceneRecorder) print(noRecording)
  print(`Ready in ${(performance.now() / 1_000).toFixed(1)} s. Ctrl-C stops everything.`)
  if (open) openBrowser(url)
}

const preparing =
  'Preparing the cloud from its template. This takes some seconds, after changes only.'
const noRecording =
  'Recording     none, snapshots only: ffmpeg is not installed. To install: sudo apt-get install ffmpeg'

interface Ports {
  readonly room: number
  readonly keypad: number
  readonly web: number
}

const portsFrom = async (port: number): Promise<Ports> => ({
  room: await portFor('the control room', port),
  keypad: await portFor('the keypad page', port + portAfter.keypad),
  web: await portFor('the cloud’s pages', port + portAfter.web),
})

async function portFor(what: string, requested: number): Promise<number> {
  const port = await freePort(requested)
  if (port !== requested) print(`Port ${requested} is taken, so ${port} is used for ${what}.`)
  return port
}

interface Place {
  readonly folder: DataFolder
  readonly ports: Ports
  readonly recordings: boolean
}

function startIn({ folder, ports, recordings }: Place, changed: () => void): Promise<Home> {
  return startHome({
    folder,
    keypadPort: ports.keypad,
    webPort: ports.web,
    recordings,
    changed,
    preparing: () => print(preparing),
    embeddedBy: ['127.0.0.1', 'localhost'].map((name) => `http://${name}:${ports.room}`),
    doorStarted: printTroubleOf,
  })
}

async function ready({ connections, keypad }: Home): Promise<void> {
  while (!connections.daemonConnected() || keypad.state() === null) {
    await new Promise((passed) => setTimeout(passed, 20))
  }
}

function printAddresses(url: string, { keypadUrl }: Home, folder: DataFolder): void {
  const config = `--config ${folder.configFile}`
  print(`Control room  ${url}`)
  print(`Console       ${url}/owner`)
  print(`Keypad page   ${keypadUrl}`)
  print(`Its config    ${folder.configFile}`)
  print(`Its log       npm run smart-door -- explain 1 ${config}, or verify-log ${config}`)
}

function printTroubleOf(door: DoorProcess): void {
  door.events.on('warning', (text) => complain(`Warning from the door: ${text}`))
  door.events.once('ready', () => door.events.on('ready', () => print('The door is back.')))
  door.events.on('died', (death) => {
    complain(textOf(death))
    if (!death.willRestart) process.exit(1)
  })
}

function textOf({ how, lastLines, atStart, willRestart }: Death): string {
  if (atStart && lastLines.length > 0) return lastLines.join('\n')
  const last = lastLines.length > 0 ? ` The last lines of its output:\n${lastLines.join('\n')}` : ''
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
    close().then(() => process.exit(0), fail)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
}

function fail(fault: unknown): void {
  complain(fault instanceof Error ? fault.message : String(fault))
  process.exit(1)
}

const parsed = parseOptions(process.argv.slice(2))
if ('answer' in parsed) print(parsed.answer)
else if ('options' in parsed) start(parsed.options).catch(fail)
else {
  complain(parsed.mistake)
  process.exitCode = usageExitCode
}

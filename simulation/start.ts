/**
 * `npm start`: a door on this computer. The daemon runs as it would on a Pi, as a process of its
 * own; lock, sensors and cloud are played by this one, and a page lets a person play everybody.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { buildControlRoom } from './control-room.ts'
import { type DoorConfig, openDataFolder } from './data-folder.ts'
import { type Death, type DoorProcess, startDoorProcess } from './door-process.ts'
import { freePort } from './free-port.ts'
import { type SimulatedHome, startSimulatedHome } from './simulated-home.ts'

const usage = `npm start -- [options]

  --port N     port of the control room (4000); the keypad page takes the hundredth after it
  --data DIR   keep the door's memory in DIR and go on from there (else a temporary folder)
  --help       this text`

const usageExitCode = 64
const keypadPortAfter = 100
const doorId = 'front-door'

const say = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

interface Options {
  readonly port: number
  readonly data: string | undefined
}

async function start({ port, data }: Options): Promise<void> {
  const opened: (() => unknown)[] = []
  stopOnSignals(async () => {
    for (const close of opened.toReversed()) await close()
  })
  const folder = openDataFolder(data)
  process.on('exit', folder.leave)

  const roomPort = await portFor('the control room', port)
  const keypadPort = await portFor('the keypad page', port + keypadPortAfter)
  const home = await startSimulatedHome({ doorId, doorKey: folder.doorKey })
  opened.push(home.close)
  askTheOwner(home)

  const door = startDoorProcess(folder.writeConfig(configFor(home, roomPort, keypadPort)))
  opened.push(door.stop)
  // However this program ends, nothing of it is left behind; the folder goes last.
  process.prependListener('exit', door.kill)
  const ready = once(door.events, 'ready')
  tellTroubleOf(door)

  const keypadUrl = `http://127.0.0.1:${keypadPort}`
  const room = await buildControlRoom({ home, door, keypadUrl })
  opened.push(() => room.close())
  await room.listen({ host: '127.0.0.1', port: roomPort })
  say(`Control room  http://127.0.0.1:${roomPort}`)
  await ready
  say(`Keypad page   ${keypadUrl}`)
  say('Ctrl-C stops everything.')
  door.events.on('ready', () => say('The door is back.'))
}

const configFor = (home: SimulatedHome, roomPort: number, keypadPort: number): DoorConfig => ({
  doorId,
  doorName: 'Front door',
  hardware: 'simulated',
  link: 'simulated',
  clock: 'host',
  simulator: { hardwarePort: home.hardwarePort, linkPort: home.linkPort },
  keypad: {
    port: keypadPort,
    embeddedBy: [`http://127.0.0.1:${roomPort}`, `http://localhost:${roomPort}`],
  },
})

async function portFor(what: string, wanted: number): Promise<number> {
  const port = await freePort(wanted)
  if (port !== wanted) say(`Port ${wanted} is taken, so ${what} uses ${port}.`)
  return port
}

/** The real cloud does this when it does not recognise somebody; this one never does. */
function askTheOwner({ cloud }: SimulatedHome): void {
  cloud.events.on('message', (message) => {
    if (message.type !== 'presence-started') return
    const { visitId } = message
    cloud.send({ type: 'visit-status', visitId, status: 'waiting-for-owner' })
  })
}

function tellTroubleOf(door: DoorProcess): void {
  door.events.on('warning', (text) => complain(`The door warns: ${text}`))
  door.events.on('died', (death) => {
    complain(wordsAbout(death))
    if (!death.willRestart) process.exit(1)
  })
}

function wordsAbout({ how, lastWords, willRestart }: Death): string {
  const last = lastWords.length > 0 ? ` Its last words:\n${lastWords.join('\n')}` : ''
  const next = willRestart ? ' It is started again.' : ''
  return `The door ${how}.${next}${last}`
}

const stopWithinMs = 5_000

/** The first signal stops in good order; the second, or too much time, at once. */
function stopOnSignals(close: () => Promise<void>): void {
  let stopping = false
  const stop = () => {
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

function readOptions(args: readonly string[]): Options | null {
  const options = {
    port: { type: 'string', default: '4000' },
    data: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options })
    const port = Number(values.port)
    if (values.help || !Number.isInteger(port) || port < 1 || port > 65_000) return null
    return { port, data: values.data }
  } catch {
    return null
  }
}

const options = readOptions(process.argv.slice(2))
if (options) {
  await start(options).catch((fault: unknown) => {
    complain(fault instanceof Error ? fault.message : String(fault))
    process.exit(1)
  })
} else {
  say(usage)
  process.exitCode = process.argv.includes('--help') ? 0 : usageExitCode
}

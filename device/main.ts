/** Wires the whole door by hand: config, adapters, daemon and keypad page; and stops it in order. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { databasePath, readConfigAndSecrets, rulesFrom } from './config/config.ts'
import type { Config } from './config/settings.ts'
import { createDaemon } from './daemon/daemon.ts'
import { startHeartbeat } from './daemon/heartbeat.ts'
import { createLog, type ProcessLog } from './daemon/log.ts'
import type { Clock } from './daemon/ports.ts'
import { systemClock } from './host/clock.ts'
import { systemdWatchdog } from './host/watchdog.ts'
import { buildKeypadApp, type KeypadDoor } from './http/keypad-app.ts'
import { otherKeys } from './identity/door-key-file.ts'
import { makePrivate } from './store/data-folder.ts'
import { openStore } from './store/sqlite/store.ts'
import { wireCamera } from './wiring/camera.ts'
import { wireHardware } from './wiring/hardware.ts'
import { wireLink } from './wiring/link.ts'

/** After this the process ends even if something is stuck. systemd waits little longer. */
const stopWithinMs = 5_000
/** More than a working reader of the log needs for the last lines. */
const lastLinesWithinMs = 500

export async function runDoor(configPath: string): Promise<void> {
  const { config, secrets } = readConfigAndSecrets(configPath, process.env)
  const log = createLog(config.logLevel)
  makePrivate(databasePath(config))

  const clock = systemClock({ source: config.clock })
  const store = openStore(databasePath(config), {
    warn: (fault) => log.warn({ err: fault }, 'store needs attention'),
  })
  const runtimeFolder = process.env['RUNTIME_DIRECTORY']
  const hardware = await wireHardware(config, { clock, log, runtimeFolder })
  const watchdog = systemdWatchdog({
    env: process.env,
    pid: process.pid,
    failed: (error) => log.warn({ err: error }, 'systemd could not be notified'),
  })
  // Frames are dated and requests are signed with the time by which codes are judged.
  const doorClock: Clock = { ...clock, wallMs: () => daemon.nowMs() }
  const daemon = createDaemon({
    doorId: config.doorId,
    doorName: config.doorName,
    doorKey: createSecretKey(secrets.doorKey),
    otherDoorKeys: () => (config.doorKeyFile ? otherKeys(config.doorKeyFile, secrets.doorKey) : []),
    rules: rulesFrom(config, softwareVersion()),
    store,
    lock: hardware.lock,
    sensors: hardware.sensors,
    cameraPipeline: await wireCamera(config, hardware.camera, {
      clock: doorClock,
      log,
      runtimeFolder,
    }),
    link: await wireLink(config, log),
    clock,
    log,
    newId: () => randomBytes(16).toString('hex'),
  })
  const app = keypadApp(config, daemon, log)
  const stopHeartbeat = startHeartbeat({ watchdog, clock, roundTrip: daemon.roundTrip })
  const stop = stopOnce(log, async (signal) => {
    watchdog.stopping()
    stopHeartbeat()
    await app.close()
    await daemon.stop(signal)
    await hardware.close()
    store.close()
  })
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  daemon.watch(hardware.show)
  daemon.start()
  const { host, port } = config.keypad
  const url = await app.listen({ host, port })
  watchdog.ready()
  log.info({ url }, 'keypad ready')
  // Node writes the cache only at a normal exit, and a power cut is none.
  flushCompileCache()
}

const keypadApp = ({ doorId, keypad }: Config, door: KeypadDoor, log: ProcessLog) =>
  buildKeypadApp({
    door,
    doorId,
    pageFolder: fileURLToPath(new URL('../keypad-ui', import.meta.url)),
    listenHost: keypad.host,
    hostNames: keypad.allowedHosts,
    frameAncestors: keypad.embeddedBy,
    log,
  })

/** The first signal closes everything in order. A second signal, or a timeout, ends the process at once. */
function stopOnce(log: ProcessLog, close: (signal: string) => Promise<void>) {
  let isStopping = false
  return (signal: string): void => {
    if (isStopping) return void end(log, 1)
    isStopping = true
    setTimeout(() => end(log, 1), stopWithinMs).unref()
    close(signal).then(
      () => end(log, 0),
      () => end(log, 1),
    )
  }
}

/** At exit Node waits for unwritten output: for ever, if the reader of the log is stuck. */
function end(log: ProcessLog, code: number): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), lastLinesWithinMs)
  log.flush(() => process.exit(code))
}

function softwareVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String(version)
}

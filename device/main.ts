/** Composition root: config → adapters → daemon → run → close. Everything is wired here, by hand. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { databasePath, readConfigAndSecrets, rulesFrom } from './config/config.ts'
import { createDaemon } from './daemon/daemon.ts'
import { startHeartbeat } from './daemon/heartbeat.ts'
import { createLog, type ProcessLog } from './daemon/log.ts'
import type { Clock } from './daemon/ports.ts'
import { systemClock } from './host/clock.ts'
import { systemdWatchdog } from './host/watchdog.ts'
import { buildKeypadApp } from './http/keypad-app.ts'
import { otherKeys } from './identity/door-key-file.ts'
import { makePrivate } from './store/data-folder.ts'
import { openStore } from './store/sqlite/store.ts'
import { wireCamera } from './wiring/camera.ts'
import { wireHardware } from './wiring/hardware.ts'
import { wireLink } from './wiring/link.ts'

/** However stuck something is, the process is gone after this; systemd would not wait much longer. */
const stopWithinMs = 5_000
/** For whoever reads the log. Longer than any that reads at all needs. */
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
    failed: (error) => log.warn({ err: error }, 'systemd could not be told'),
  })
  // Pictures are dated, and requests signed, by the time that codes are judged by.
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
  const { host, port, allowedHosts, embeddedBy } = config.keypad
  const app = buildKeypadApp({
    door: daemon,
    doorId: config.doorId,
    pageFolder: fileURLToPath(new URL('../keypad-ui', import.meta.url)),
    listenHost: host,
    hostNames: allowedHosts,
    frameAncestors: embeddedBy,
    log,
  })

  const { roundTrip } = daemon
  const stopHeartbeat = startHeartbeat({ watchdog, clock, roundTrip })
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
  const url = await app.listen({ host, port })
  watchdog.ready()
  log.info({ url }, 'keypad ready')
  // Otherwise it would be written only by a process that ends in good order.
  flushCompileCache()
}

/** The first signal stops in good order, the second, or too much time, at once. */
function stopOnce(log: ProcessLog, close: (signal: string) => Promise<void>) {
  let stopping = false
  return (signal: string): void => {
    if (stopping) {
      end(log, 1)
      return
    }
    stopping = true
    setTimeout(() => end(log, 1), stopWithinMs).unref()
    close(signal).then(
      () => end(log, 0),
      () => end(log, 1),
    )
  }
}

/** Node waits at its exit for what is being written: for ever, when the log's reader is stuck. */
function end(log: ProcessLog, code: number): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), lastLinesWithinMs)
  log.flush(() => process.exit(code))
}

function softwareVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String(version)
}

/** Starts the door: config, hardware, egress, then all the rest; and stops it in order. */
import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { configOrLastGood, lastGoodPath } from './config/last-good.ts'
import { pageHost } from './config/loopback.ts'
import type { Config } from './config/settings.ts'
import { controlPath } from './control/messages.ts'
import { serveControl } from './control/server.ts'
import { startHeartbeat } from './daemon/heartbeat.ts'
import { createLog, type ProcessLog } from './daemon/log.ts'
import { systemClock } from './host/clock.ts'
import { systemdWatchdog } from './host/watchdog.ts'
import { buildKeypadApp, type KeypadDoor } from './http/keypad-app.ts'
import { KeypadPages } from './http/keypad-pages.ts'
import { Door } from './wiring/door.ts'
import { wireHardware } from './wiring/hardware.ts'
import { sharedSensors } from './wiring/sensors.ts'
import type { TabletDeps, TabletEntrance } from './wiring/tablets.ts'

/** After this the process ends even if something is stuck. systemd waits little longer. */
const stopWithinMs = 5_000
/** More than a working reader of the log needs for the last lines. */
const lastLinesWithinMs = 500

export async function runDoor(configPath: string): Promise<void> {
  const { env } = process
  const lastGood = lastGoodPath(env)
  const { config, isCopy } = configOrLastGood(configPath, lastGood)
  const log = createLog(config.logLevel)
  if (isCopy) log.error({ configPath, lastGood }, 'config unusable: the last good one is used')
  const clock = systemClock({ source: config.clock })
  const runtimeFolder = env['RUNTIME_DIRECTORY']
  const hardware = await wireHardware(config, { clock, log, runtimeFolder })
  const watchdog = systemdWatchdog({
    env,
    pid: process.pid,
    failed: (error) => log.warn({ err: error }, 'systemd could not be notified'),
  })
  const sensors = sharedSensors(hardware.sensors)
  const door = new Door({
    ...{ config, configPath, isCopy, lastGoodPath: lastGood, env },
    ...{ lock: hardware.lock, camera: hardware.camera, sensors },
    ...{ clock, log, runtimeFolder, software: softwareVersion() },
  })
  door.front.watch(hardware.show)
  door.letOut()

  const control = runtimeFolder ? serveControl(controlPath(runtimeFolder), door, log) : null
  const pages = new KeypadPages()
  const app = keypadApp(config, door.front, pages, log)
  let tablets: TabletEntrance | null = null
  const stopHeartbeat = startHeartbeat({ watchdog, clock, roundTrip: door.roundTrip })
  const stop = stopOnce(log, async (signal) => {
    watchdog.stopping()
    stopHeartbeat()
    control?.close()
    await Promise.all([app.close(), tablets?.close()])
    await door.stop(signal)
    sensors.end()
    await hardware.close()
    door.closeStore()
  })
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  await door.workFully({
    listen: () => app.listen({ host: pageHost(config), port: config.keypad.port }),
    // systemd starts it again, with the hardware of the new config.
    configChanged: () => stop('config changed'),
  })
  tablets = await entranceForTablets(config, { door: door.front, pages, pageFolder, clock, log })
  watchdog.ready()
  // Node writes the cache only at a normal exit, and a power cut is none.
  flushCompileCache()
}

const pageFolder = fileURLToPath(new URL('../keypad-ui', import.meta.url))

const keypadApp = (
  { doorId, keypad }: Config,
  door: KeypadDoor,
  pages: KeypadPages,
  log: ProcessLog,
) =>
  buildKeypadApp({
    door,
    doorId,
    pages,
    pageFolder,
    listenHost: keypad.host,
    hostNames: keypad.allowedHosts,
    frameAncestors: keypad.embeddedBy,
    log,
  })

/** Most doors have none, and load nothing for them. */
async function entranceForTablets(
  config: Config,
  deps: TabletDeps,
): Promise<TabletEntrance | null> {
  if (config.tablets.host === null) return null
  const { TabletEntrance } = await import('./wiring/tablets.ts')
  const entrance = new TabletEntrance(config, deps)
  await entrance.open()
  return entrance
}

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

/** Assembles the daemon that does everything. Nothing of it runs before its `start`. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { databasePath, rulesFrom, type Secrets } from '../config/config.ts'
import type { Config } from '../config/settings.ts'
import { createDaemon, type Daemon } from '../daemon/daemon.ts'
import type { Camera, Clock, DoorSensors, Lock, Log } from '../daemon/ports.ts'
import { otherKeys } from '../identity/door-key-file.ts'
import { makePrivate } from '../store/data-folder.ts'
import { openStore } from '../store/sqlite/store.ts'
import { wireCamera } from './camera.ts'
import { wireLink } from './link.ts'

export interface FullDoorDeps {
  readonly lock: Lock
  readonly sensors: DoorSensors
  readonly camera: Camera | null
  readonly clock: Clock
  readonly log: Log
  readonly software: string
  readonly runtimeFolder: string | undefined
}

export interface FullDoor {
  readonly daemon: Daemon
  closeStore(): void
}

export async function assembleDoor(
  config: Config,
  secrets: Secrets,
  deps: FullDoorDeps,
): Promise<FullDoor> {
  const { lock, sensors, clock, log, runtimeFolder } = deps
  makePrivate(databasePath(config))
  const newId = () => randomBytes(16).toString('hex')
  const store = openStore(databasePath(config), {
    warn: (fault) => log.warn({ err: fault }, 'store needs attention'),
    wayBackFor: { doorId: config.doorId, newId },
  })
  // Frames are dated and requests are signed with the time by which codes are judged.
  const doorClock: Clock = { ...clock, wallMs: () => daemon.nowMs() }
  let daemon: Daemon
  try {
    daemon = createDaemon({
      doorId: config.doorId,
      doorName: config.doorName,
      doorKey: createSecretKey(secrets.doorKey),
      otherDoorKeys: () =>
        config.doorKeyFile ? otherKeys(config.doorKeyFile, secrets.doorKey) : [],
      rules: rulesFrom(config, deps.software),
      keypad: config.keypad,
      store,
      lock,
      sensors,
      cameraPipeline: await wireCamera(config, deps.camera, {
        clock: doorClock,
        log,
        runtimeFolder,
      }),
      link: await wireLink(config, log),
      clock,
      log,
      newId,
    })
  } catch (error) {
    store.close()
    throw error
  }
  return { daemon, closeStore: () => store.close() }
}

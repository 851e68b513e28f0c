/**
 * The door in egress-only mode: exit button, relocking and alarms work, and nothing opens it from
 * outside. It needs neither key nor disk nor network, and knows no credential.
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import type { KeypadState } from '../../protocol/keypad-api.ts'
import { rulesFrom } from '../config/config.ts'
import type { Config } from '../config/settings.ts'
import { emptyLog } from '../core/log/log-chain.ts'
import { createDaemon, type Daemon } from '../daemon/daemon.ts'
import {
  type Clock,
  DoorBusy,
  type DoorSensors,
  type Lock,
  type Log,
  type Store,
} from '../daemon/ports.ts'
import type { KeypadDoor } from '../http/keypad-app.ts'
import { noCamera } from './camera.ts'
import { noLink } from './link.ts'

interface EgressDeps {
  readonly lock: Lock
  readonly sensors: DoorSensors
  readonly clock: Clock
  readonly log: Log
  readonly software: string
}

export const egressOnlyDaemon = (config: Config, { software, ...deps }: EgressDeps): Daemon =>
  createDaemon({
    ...deps,
    doorId: config.doorId,
    doorName: config.doorName,
    doorKey: createSecretKey(randomBytes(32)),
    rules: { ...rulesFrom(config, software), mode: 'locked' },
    keypad: config.keypad,
    store: emptyStore(),
    cameraPipeline: noCamera,
    link: noLink,
    newId: () => randomBytes(16).toString('hex'),
  })

/** Holds no grant and forgets its rows: the chain of the door's own log must not go on from here. */
function emptyStore(): Store {
  let head = emptyLog
  return {
    load: () => null,
    head: () => head,
    commit({ rows }) {
      head = rows.at(-1) ?? head
    },
    grantByTag: () => null,
    grant: () => null,
    liveGrants: () => [],
    pinCounts: () => ({}),
    visitor: () => null,
    unsent: () => [],
    unsentCount: () => 0,
    tidy() {},
    prune: () => false,
    close() {},
  }
}

/** Codes are refused unseen, and the bell does not claim to have rung. */
export function outOfOrder(daemon: Daemon, problems: () => readonly string[]): KeypadDoor {
  const shown = (state: KeypadState): KeypadState => ({
    ...state,
    keypad: 'out-of-order',
    pausedForMs: 0,
    visit: null,
  })
  const refuse = () => Promise.reject(new DoorBusy('the door only lets people out'))
  return {
    enterCode: refuse,
    ringBell: refuse,
    keypadState: () => shown(daemon.keypadState()),
    watch: (watcher) => daemon.watch((state) => watcher(shown(state))),
    health: () => ({ ok: false, problems: [...problems(), ...daemon.health().problems] }),
    metrics: daemon.metrics,
  }
}

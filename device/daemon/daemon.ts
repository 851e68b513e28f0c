/**
 * The shell around the core. Drivers, timers and callers only put items into one queue; the event
 * loop handles them, and listeners receive what was committed.
 */
import type { CodeAnswer, KeypadState } from '../../protocol/keypad-api.ts'
import type { DoorKey } from '../../protocol/passcode.ts'
import type { ConfiguredRules } from '../core/door/state.ts'
import { earliestNowMs } from '../core/time/trusted-time.ts'
import { createCommittedEvents } from './committed-events.ts'
import { EventLoop } from './event-loop.ts'
import { createFaults, notHolding, sentences } from './faults.ts'
import { type Caller, type Incoming, sensorEvent, type UnlockAnswer } from './incoming.ts'
import { type KeypadSettings, keypadState, scanLeftMs, usualKeypad } from './keypad/state.ts'
import { createKeypadWatchers } from './keypad/watchers.ts'
import { createMetrics } from './metrics.ts'
import { Outbox } from './outbox.ts'
import {
  CameraFault,
  type CameraPipeline,
  type Clock,
  type CloudLink,
  DoorBusy,
  type DoorSensors,
  type Lock,
  type Log,
  type PasscodeAnswer,
  type SheetAnswer,
  type Sight,
  type Store,
} from './ports.ts'

const checkClockEveryMs = 1_000
const checkConfirmedClockEveryMs = 60_000

export interface DaemonDeps {
  readonly doorId: string
  readonly doorName: string
  readonly doorKey: DoorKey
  readonly otherDoorKeys?: () => readonly DoorKey[]
  readonly rules: ConfiguredRules
  readonly keypad?: KeypadSettings
  readonly store: Store
  readonly lock: Lock
  readonly sensors: DoorSensors
  readonly cameraPipeline: CameraPipeline
  readonly link: CloudLink
  readonly clock: Clock
  readonly log: Log
  /** 128 random bits in hex. */
  readonly newId: () => string
}

export type Daemon = ReturnType<typeof createDaemon>

export function createDaemon(deps: DaemonDeps) {
  const { store, lock, log } = deps
  const faults = createFaults(log)
  const events = createCommittedEvents(log)
  const metrics = createMetrics()
  const outbox = new Outbox({ ...deps, faults })
  const loop = new EventLoop({ ...deps, faults, events, metrics, outbox })
  const { keypad = usualKeypad } = deps
  const view = () => keypadState(deps, keypad, loop.state(), loop.uptimeMs())
  const watchers = createKeypadWatchers({
    state: view,
    scanLeftMs: () => scanLeftMs(loop.state(), loop.uptimeMs()),
    clock: deps.clock,
  })
  events.listen(metrics.onCommitted)
  events.listen(watchers.onCommitted)
  events.listen(({ state }) => deps.cameraPipeline.setVisit(state.visits.visit))
  events.listen(({ rows, state }) => outbox.send(rows, state.link.online))

  /** Rejects when the queue is full, or the daemon is stopping. */
  const ask = <T>(itemFor: (caller: Caller<T>) => Incoming) =>
    new Promise<T>((answer, fail) => {
      const isQueued = loop.submit(itemFor({ answer, fail }))
      if (!isQueued) fail(new DoorBusy('the queue is full'))
    })

  const sources = startable(deps, loop, faults)
  return {
    start: sources.start,

    /** Closes the lock, logs the stop, then stops the drivers in reverse order. */
    async stop(signal: string): Promise<void> {
      await loop.stop(signal)
      watchers.stop()
      outbox.stop()
      await sources.stop()
    },

    enterCode: (code: string) => ask<CodeAnswer>((caller) => ({ kind: 'code', code, caller })),
    ringBell: () => ask<void>((caller) => ({ kind: 'bell', caller })),
    /** For integrations; `by` goes into the log. */
    requestUnlock: (by: string) => ask<UnlockAnswer>((caller) => ({ kind: 'unlock', by, caller })),
    /** A one-time code for the owner, who asks for it at the door. */
    makePasscode: () => ask<PasscodeAnswer>((caller) => ({ kind: 'passcode', caller })),
    /** Break-glass codes; `by` goes into the log. */
    makeSheet: (by: string) => ask<SheetAnswer>((caller) => ({ kind: 'sheet', by, caller })),
    /** Calls the listener after each event. Returns a function that ends it. */
    listen: events.listen,
    /** Resolves when the queue has reached it; never if the queue is stuck. */
    roundTrip: () => new Promise<void>((done) => loop.runJob(done)),
    keypadState: view,
    /** The trusted time, by which codes are judged. */
    nowMs: () => earliestNowMs(loop.state().time, loop.uptimeMs()),
    watch: (watcher: (view: KeypadState) => void) => watchers.watch(watcher),

    health() {
      const away = lock.reachable() ? [] : [sentences.lock]
      const loose = loop.state().bond.reported ? [notHolding] : []
      const problems = [...new Set([...faults.sentences(), ...away, ...loose])]
      return { ok: problems.length === 0, problems }
    },

    metrics: () =>
      metrics.list({
        state: loop.state(),
        unrecorded: loop.unrecorded(),
        unsent: store.unsentCount(),
      }),
  }
}

/** Everything that puts items into the queue by itself. */
function startable(deps: DaemonDeps, loop: EventLoop, faults: ReturnType<typeof createFaults>) {
  const { sensors, cameraPipeline, link, clock } = deps
  let cancelClockCheck = () => {}

  function checkClock(): void {
    const source = clock.confirmed()
    if (source) loop.submit({ kind: 'clock', source })
    cancelClockCheck = clock.after(
      source ? checkConfirmedClockEveryMs : checkClockEveryMs,
      checkClock,
    )
  }

  function onSight(sight: Sight): void {
    if (sight.kind !== 'camera-trouble') {
      loop.submit({ kind: 'event', event: sight })
      return
    }
    const { trouble } = sight
    const run = () => {
      if (trouble === null) faults.clear('camera')
      else faults.report('camera', new CameraFault(trouble))
    }
    loop.submit({ kind: 'job', run })
  }

  return {
    start(): void {
      loop.submit({ kind: 'start' })
      checkClock()
      sensors.start((reading) => loop.submit({ kind: 'event', event: sensorEvent(reading) }))
      cameraPipeline.start(onSight)
      link.start({
        online: (online) => loop.submit({ kind: 'event', event: { kind: 'link-changed', online } }),
        missed: () => loop.submit({ kind: 'event', event: { kind: 'command-lost' } }),
        message: (topic, payload) => loop.submit({ kind: 'message', topic, payload }),
      })
    },

    async stop(): Promise<void> {
      cancelClockCheck()
      await link.stop()
      await cameraPipeline.stop()
      sensors.stop()
    },
  }
}

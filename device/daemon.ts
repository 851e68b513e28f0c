/**
 * The shell around the core. Everything that happens comes through one bounded queue, one thing
 * after the other: look up what the decision needs, decide, write it down, and only then act.
 * Nothing is ever done in a callback but to put something into the queue.
 */
import type { CodeAnswer, KeypadState } from '../protocol/keypad-api.ts'
import type { DoorKey } from '../protocol/passcode.ts'
import { type DoorEvent, decide, keepsAnything, nextTickRunMs } from './core/door.ts'
import type { Kept } from './core/kept.ts'
import { keypadView } from './core/keypad-view.ts'
import { pausedForMs } from './core/lockout.ts'
import { sealRows } from './core/log-chain.ts'
import {
  type Decision,
  type DoorRules,
  type DoorState,
  type Effect,
  initialState,
} from './core/state.ts'
import { earliestNowMs } from './core/trusted-time.ts'
import { codeEvent, messageEvent } from './lookup.ts'
import { createOutbox } from './outbox.ts'
import {
  type Camera,
  type Clock,
  type CloudLink,
  DoorBusy,
  type DoorSensors,
  type Lock,
  type Log,
  type SensorReading,
  type Store,
  StoreFault,
} from './ports.ts'

export interface DaemonDeps {
  readonly doorId: string
  readonly doorName: string
  readonly doorKey: DoorKey
  readonly rules: DoorRules
  readonly store: Store
  readonly lock: Lock
  readonly sensors: DoorSensors
  readonly camera: Camera
  readonly link: CloudLink
  readonly clock: Clock
  readonly log: Log
  /** 128 random bits in hex. */
  readonly newId: () => string
}

export type Daemon = ReturnType<typeof createDaemon>

type Incoming =
  | { readonly kind: 'event'; readonly event: DoorEvent; readonly done?: () => void }
  | { readonly kind: 'bell' }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'code'; readonly code: string; readonly caller: Caller }

interface Caller {
  readonly answer: (answer: CodeAnswer) => void
  readonly fail: (error: Error) => void
}

const queueLimit = 1_000
const lockRetryMs = 1_000
const clockCheckMs = { untilConfirmed: 1_000, afterwards: 60_000 }

export function createDaemon(deps: DaemonDeps) {
  const { store, lock, sensors, camera, link, clock, log } = deps
  const kept = store.load()
  const ranBeforeMs = kept?.time.runMs ?? 0
  const runMs = () => ranBeforeMs + Math.floor(clock.monotonicMs())
  const isPaused = () => pausedForMs(state.lockout, runMs()) > 0
  const nowMs = () => earliestNowMs(state.time, runMs())
  const outbox = createOutbox(deps)
  const queue: Incoming[] = []
  const watchers = new Set<(view: KeypadState) => void>()
  const counts = { handled: 0, overflowed: 0, refusedMessages: 0, unrecorded: 0 }
  const faults = new Map<'store' | 'lock', string>()

  let state: DoorState = initialState(kept, deps.rules, runMs())
  /** As it lies in the store, which a fault may have left behind. */
  let stored: DoorState | null = kept && state
  let accepting = true
  /** A command was dropped, for want of room in the queue or on the disk. */
  let commandsLost = false
  let shownView = ''
  let cancelTick = () => {}
  let cancelClockCheck = () => {}
  let cancelLockRetry = () => {}

  // ---------------------------------------------------------------- one thing after the other

  function submit(incoming: Incoming): boolean {
    // The door's own timers, sensors and line are few and must be heard; the limit is for others.
    const isFull = incoming.kind !== 'event' && queue.length >= queueLimit
    if (!accepting || isFull) {
      counts.overflowed += 1
      return false
    }
    queue.push(incoming)
    if (queue.length === 1) setImmediate(takeNext)
    return true
  }

  const submitEvent = (event: DoorEvent) => submit({ kind: 'event', event })

  /** The network and the timers get their turn between two. */
  function takeNext(): void {
    const [next] = queue
    if (next) handle(next)
    queue.shift()
    if (commandsLost && queue.length === 0) {
      commandsLost = false
      submitEvent({ kind: 'command-lost' })
    } else if (queue.length > 0) setImmediate(takeNext)
  }

  function handle(incoming: Incoming): void {
    try {
      const event = asEvent(incoming)
      const decided = decide(state, event, { runMs: runMs(), id: deps.newId() })
      if (keepsAnything(state, decided)) keepOrGoOn(event, decided)
      state = decided.state
      for (const effect of decided.effects) perform(effect, incoming)
      finish(incoming, event)
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault
      if (incoming.kind === 'code') {
        incoming.caller.fail(new DoorBusy('nothing can be written down', { cause: fault }))
      }
      if (incoming.kind === 'message') commandsLost = true
    }
  }

  /**
   * Whoever is let in, or whose pause is lifted, must be in the store first. Everything else goes
   * on without it: a door that cannot write must still lock, and still let people out.
   */
  function keepOrGoOn(event: DoorEvent, decided: Decision): void {
    try {
      keep(decided)
      faults.delete('store')
    } catch (fault) {
      faults.set('store', 'The door cannot write to its disk, so it accepts no codes.')
      counts.unrecorded += decided.record.length
      log.error({ err: fault }, 'store fault')
      if (event.kind === 'code-entered' || event.kind === 'command-arrived') throw fault
      if (!(fault instanceof StoreFault)) throw fault
    }
  }

  function asEvent(incoming: Incoming): DoorEvent {
    switch (incoming.kind) {
      case 'event':
        return incoming.event
      case 'bell':
        return { kind: 'bell-pressed' }
      case 'code':
        // While the keypad is paused not even looked up: such tries are not counted, so they must
        // not take longer for a code that exists.
        return isPaused()
          ? { kind: 'code-entered', grant: null, visitor: null }
          : codeEvent(deps, incoming.code)
      case 'message':
        return messageEvent(deps, incoming.text, nowMs())
      default:
        return incoming satisfies never
    }
  }

  function finish(incoming: Incoming, event: DoorEvent): void {
    counts.handled += 1
    if (event.kind === 'message-refused') counts.refusedMessages += 1
    outbox.nudge(state.link.online)
    showView()
    scheduleTick()
    if (event.kind === 'tick' && !state.presence.visit && !state.attention.moving) tidy()
    if (incoming.kind === 'event') incoming.done?.()
  }

  // ---------------------------------------------------------------- writing down

  function keep({ state: after, record, changes }: Decision): void {
    const acknowledged = outbox.acknowledged()
    const rows = sealRows(store.head(), record, {
      doorId: deps.doorId,
      atMs: after.time.highWaterMs,
      timeKnown: after.time.confirmed,
      ids: record.map(deps.newId),
    })
    store.commit({ kept: changedParts(stored, after), changes, rows, acknowledged })
    stored = after
    outbox.forgotten(acknowledged)
    for (const { type, ...fields } of record) log.info(fields, type)
  }

  function tidy(): void {
    try {
      store.tidy()
    } catch (fault) {
      log.warn({ err: fault }, 'store not tidied')
    }
  }

  // ---------------------------------------------------------------- acting

  function perform(effect: Effect, incoming: Incoming): void {
    switch (effect.kind) {
      case 'open-lock':
        move('open', () => lock.open(effect.holdMs))
        return
      case 'close-lock':
        move('close', () => lock.close())
        return
      case 'answer-code':
        if (incoming.kind === 'code') incoming.caller.answer(effect.answer)
        return
      default:
        effect satisfies never
    }
  }

  function move(action: 'open' | 'close', touch: () => void): void {
    cancelLockRetry()
    try {
      touch()
      faults.delete('lock')
    } catch (error) {
      if (!faults.has('lock')) {
        log.error({ action, err: error }, 'lock fault')
        submitEvent({ kind: 'lock-failed', action, detail: 'the lock did not answer' })
      }
      faults.set('lock', 'The lock does not answer. Check its wiring and power supply.')
      // Opening can be asked for again; a lock that should be closed is not left to chance.
      if (action === 'close') cancelLockRetry = clock.after(lockRetryMs, () => move(action, touch))
    }
  }

  // ---------------------------------------------------------------- time

  function scheduleTick(): void {
    cancelTick()
    const now = runMs()
    const delayMs = Math.max(0, nextTickRunMs(state, now) - now)
    cancelTick = clock.after(delayMs, () => submitEvent({ kind: 'tick' }))
  }

  function checkClock(): void {
    const source = clock.confirmed()
    if (source) submitEvent({ kind: 'clock-confirmed', atMs: clock.wallMs(), source })
    const nextMs = source ? clockCheckMs.afterwards : clockCheckMs.untilConfirmed
    cancelClockCheck = clock.after(nextMs, checkClock)
  }

  // ---------------------------------------------------------------- showing

  const view = () => keypadView(state, deps.doorName, runMs())

  function showView(): void {
    const { pausedForMs: _, ...lasting } = view()
    const shown = JSON.stringify([lasting, state.lockout.pausedUntilRunMs])
    if (shown === shownView) return
    shownView = shown
    for (const watcher of watchers) watcher(view())
  }

  return {
    start(): void {
      submitEvent({ kind: 'started' })
      checkClock()
      sensors.start((reading) => submitEvent(sensorEvent(reading)))
      camera.start((moving) => submitEvent({ kind: 'motion', moving }))
      link.start({
        online: (online) => submitEvent({ kind: 'link-changed', online }),
        message(_topic, text) {
          if (!submit({ kind: 'message', text })) commandsLost = true
        },
      })
    },

    /** Locks, writes down that it stopped, and lets go of the world in reverse order. */
    async stop(signal: string): Promise<void> {
      await new Promise<void>((done) => {
        const taken = submit({ kind: 'event', event: { kind: 'stopping', signal }, done })
        if (!taken) done()
        accepting = false
      })
      cancelTick()
      cancelClockCheck()
      cancelLockRetry()
      outbox.stop()
      await link.stop()
      camera.stop()
      sensors.stop()
    },

    enterCode: (code: string) =>
      new Promise<CodeAnswer>((answer, fail) => {
        const taken = submit({ kind: 'code', code, caller: { answer, fail } })
        if (!taken) fail(new DoorBusy('too much is going on at once'))
      }),

    async ringBell(): Promise<void> {
      if (!submit({ kind: 'bell' })) throw new DoorBusy('too much is going on at once')
    },

    keypadState: view,

    watch(watcher: (view: KeypadState) => void): () => void {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },

    health: () => ({ ok: faults.size === 0, problems: [...faults.values()] }),

    metrics: () => [
      counter('events_total', 'Events handled since the start.', counts.handled),
      counter('overflows_total', 'Events dropped because the queue was full.', counts.overflowed),
      counter('refused_messages_total', 'Messages not understood.', counts.refusedMessages),
      counter('unrecorded_total', 'Log rows lost because the disk failed.', counts.unrecorded),
      gauge('unsent_messages', 'Messages the cloud has not acknowledged.', store.unsentCount()),
      gauge('online', 'Whether the line to the cloud is up.', Number(state.link.online)),
      gauge('time_known', 'Whether the time has been confirmed.', Number(state.time.confirmed)),
      gauge('unlocked', 'Whether the lock is open.', Number(state.openUntilRunMs !== null)),
    ],
  }
}

const counter = (name: string, help: string, value: number) =>
  ({ name: `smart_door_${name}`, help, kind: 'counter', value }) as const

const gauge = (name: string, help: string, value: number) =>
  ({ name: `smart_door_${name}`, help, kind: 'gauge', value }) as const

function sensorEvent(reading: SensorReading): DoorEvent {
  switch (reading.kind) {
    case 'contact':
      return { kind: 'contact-changed', open: reading.open }
    case 'exit-pressed':
    case 'bell-pressed':
      return { kind: reading.kind }
    default:
      return reading satisfies never
  }
}

/** Only what changed is written, and the time always: no decision may seem to be older. */
function changedParts(stored: DoorState | null, after: DoorState): Partial<Kept> {
  return {
    time: { highWaterMs: after.time.highWaterMs, runMs: after.time.markedAtRunMs },
    ...(after.lockout !== stored?.lockout && { lockout: after.lockout }),
    ...(after.presence !== stored?.presence && { presence: after.presence }),
    ...(after.commands !== stored?.commands && { commands: after.commands }),
    ...(after.settings !== stored?.settings && { settings: after.settings }),
  }
}

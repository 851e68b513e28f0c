/**
 * The shell around the core. Everything that happens comes through one bounded queue, one thing
 * after the other: look up what the decision needs, decide, write it down, and only then act.
 * Nothing is ever done in a callback but to put something into the queue.
 */
import type { CodeAnswer, KeypadState } from '../../protocol/keypad-api.ts'
import type { DoorKey } from '../../protocol/passcode.ts'
import {
  type DoorEvent,
  decide,
  mustBePersisted,
  nextTickUptimeMs,
  persistsAnything,
  whenPersistFailed,
} from '../core/door/decide.ts'
import { judgesCodes } from '../core/door/keypad.ts'
import { keypadView } from '../core/door/keypad-view.ts'
import type { PersistedState } from '../core/door/persisted-state.ts'
import {
  type ConfiguredRules,
  type Decision,
  type DoorState,
  type Effect,
  initialState,
} from '../core/door/state.ts'
import { sealRows } from '../core/log/log-chain.ts'
import { earliestNowMs } from '../core/time/trusted-time.ts'
import { createFaults, notHolding, sentences } from './faults.ts'
import { type CloudBytes, codeEvent, messageEvent, orNull } from './lookup.ts'
import { createOutbox } from './outbox.ts'
import {
  CameraFault,
  type CameraPipeline,
  type Clock,
  type CloudLink,
  DoorBusy,
  type DoorSensors,
  type Lock,
  type Log,
  type SensorReading,
  type Sight,
  type Store,
  StoreFault,
} from './ports.ts'
import { createQueue } from './queue.ts'

export interface DaemonDeps {
  readonly doorId: string
  readonly doorName: string
  readonly doorKey: DoorKey
  readonly otherDoorKeys?: () => readonly DoorKey[]
  readonly rules: ConfiguredRules
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

/** Asks for nothing but its turn. */
interface RoundTrip {
  readonly kind: 'round-trip'
  readonly done: () => void
}

type Incoming =
  | { readonly kind: 'event'; readonly event: DoorEvent; readonly done?: () => void }
  | { readonly kind: 'clock'; readonly source: 'ntp' | 'host' }
  | { readonly kind: 'bell'; readonly caller: Caller<void> }
  | ({ readonly kind: 'message' } & CloudBytes)
  | { readonly kind: 'code'; readonly code: string; readonly caller: Caller<CodeAnswer> }

interface Caller<T> {
  readonly answer: (answer: T) => void
  readonly fail: (error: Error) => void
}

const queueLimit = 1_000
/** A disk that fails may take a second to say so, in which nobody gets out either. */
const tryDiskEveryMs = 1_000
const probeDiskEveryMs = 5_000
const lockRetryMs = 1_000
const clockCheckMs = { untilConfirmed: 1_000, afterwards: 60_000 }

export function createDaemon(deps: DaemonDeps) {
  const { store, lock, sensors, cameraPipeline, link, clock, log } = deps
  const kept = store.load()
  const rules = { ...deps.rules, hasLiveView: cameraPipeline.watchLive !== undefined }
  const ranBeforeMs = kept?.time.uptimeMs ?? 0
  const uptimeMs = () => ranBeforeMs + Math.floor(clock.monotonicMs())
  const faults = createFaults(log)
  const lookups = { ...deps, faults }
  const outbox = createOutbox(lookups)
  const queue = createQueue<Incoming | RoundTrip>({
    othersAtMost: queueLimit,
    work: processNext,
    idle: onIdle,
  })
  const watchers = new Set<(view: KeypadState) => void>()
  const counts = { handled: 0, overflowed: 0, refusedMessages: 0, unrecorded: 0 }

  let state: DoorState = initialState(kept, rules, uptimeMs())
  /** As it lies in the store, which a fault may have left behind. */
  let stored: DoorState | null = kept && state
  let accepting = true
  /** A command was dropped, for want of room in the queue or on the disk. */
  let commandsLost = false
  let shownView = ''
  let cancelTick = () => {}
  let cancelClockCheck = () => {}
  let cancelLockRetry = () => {}
  let diskFailedAtUptimeMs = 0
  /** The last order that the lock did not take, and whether there was a lock to hear it. */
  let unheard: { readonly action: 'open' | 'close'; readonly wasThere: boolean } | null = null

  // ---------------------------------------------------------------- one thing after the other

  function submit(incoming: Incoming): boolean {
    const row = isOwn(incoming) ? 'own' : 'others'
    const taken = accepting && queue.push(incoming, row)
    if (!taken) counts.overflowed += 1
    return taken
  }

  const submitEvent = (event: DoorEvent) => submit({ kind: 'event', event })

  function onIdle(): void {
    if (!commandsLost) return
    commandsLost = false
    submitEvent({ kind: 'command-lost' })
  }

  function processNext(waiting: Incoming | RoundTrip): void {
    if (waiting.kind === 'round-trip') waiting.done()
    else handle(waiting)
  }

  function handle(incoming: Incoming): void {
    const moment = { uptimeMs: uptimeMs(), id: deps.newId() }
    const event = shouldRejectEarly(incoming, moment.uptimeMs)
      ? null
      : asEvent(incoming, moment.uptimeMs)
    if (!event) {
      refuse(incoming)
      return
    }
    const decided = decide(state, event, moment)
    const isKept = !isWorthWriting(event, decided) || persistIfPossible(decided, moment.uptimeMs)
    if (!isKept && mustBePersisted(event)) {
      state = whenPersistFailed(state, event, moment)
      refuse(incoming)
    } else {
      state = decided.state
      for (const effect of decided.effects) perform(effect, incoming)
    }
    finish(incoming, event)
  }

  /** A disk that failed is tried again by itself: who comes meanwhile cannot wait for a reason. */
  const isWorthWriting = ({ kind }: DoorEvent, decided: Decision): boolean =>
    persistsAnything(state, decided) || (kind === 'tick' && faults.stands('writing'))

  /** The door's own events are always tried; whoever else comes can come again. */
  function shouldRejectEarly(incoming: Incoming, atUptimeMs: number): boolean {
    if (isOwn(incoming)) return false
    // A code would be used up, and its visitor greeted, before a door that stays shut.
    if (incoming.kind === 'code' && !lock.reachable()) return true
    return faults.stands('writing') && atUptimeMs < diskFailedAtUptimeMs + tryDiskEveryMs
  }

  function refuse(incoming: Incoming | RoundTrip): void {
    if (incoming.kind === 'message') commandsLost = true
    if ('caller' in incoming) incoming.caller.fail(new DoorBusy('the door cannot do that now'))
  }

  /** Null for a message that cannot be judged, because what it is about cannot be read. */
  function asEvent(incoming: Incoming, atUptimeMs: number): DoorEvent | null {
    switch (incoming.kind) {
      case 'event':
        return incoming.event
      case 'clock':
        // Looked at only now: it has gone on while this waited, at a start for seconds.
        return { kind: 'clock-confirmed', atMs: clock.wallMs(), source: incoming.source }
      case 'bell':
        return { kind: 'bell-pressed' }
      case 'code':
        // While the keypad is paused or shut not even looked up: such tries are not counted, so they must
        // not take longer for a code that exists.
        return judgesCodes(state, atUptimeMs)
          ? codeEvent(lookups, incoming.code)
          : { kind: 'code-entered', grant: null, visitor: null }
      case 'message': {
        const nowMs = earliestNowMs(state.time, atUptimeMs)
        return orNull(lookups, () => messageEvent(lookups, incoming, nowMs))
      }
      default:
        return incoming satisfies never
    }
  }

  /** First of all the timer: nothing that goes wrong after it can keep the lock from closing. */
  function finish(incoming: Incoming, event: DoorEvent): void {
    scheduleTick()
    counts.handled += 1
    if (event.kind === 'message-refused') counts.refusedMessages += 1
    if (unheard && !unheard.wasThere && lock.reachable()) lockHeard()
    showView()
    cameraPipeline.setVisit(state.visits.visit)
    outbox.nudge(state.link.online)
    if (event.kind === 'tick' && !state.visits.visit && !state.attention.moving) tidy()
    if (incoming.kind === 'event') incoming.done?.()
    if (incoming.kind === 'bell') {
      if (faults.stands('writing')) refuse(incoming)
      else incoming.caller.answer()
    }
  }

  // ---------------------------------------------------------------- writing down

  function persistIfPossible(decided: Decision, atUptimeMs: number): boolean {
    try {
      keep(decided)
      faults.clear('writing')
      return true
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault
      faults.report('writing', fault)
      counts.unrecorded += decided.record.length
      diskFailedAtUptimeMs = atUptimeMs
      return false
    }
  }

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
    outbox.written(rows)
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
      case 'recording-wanted':
        cameraPipeline.watchLive?.(effect.untilUptimeMs)
        return
      default:
        effect satisfies never
    }
  }

  function move(action: 'open' | 'close', touch: () => void): void {
    cancelLockRetry()
    try {
      touch()
      // A lock that closes has not shown yet that it would open.
      if (action === 'open' || unheard?.action === 'close') lockHeard()
    } catch (error) {
      if (faults.report('lock', error)) {
        submitEvent({ kind: 'lock-failed', action, detail: 'the lock did not answer' })
      }
      unheard = { action, wasThere: lock.reachable() }
      // Opening can be asked for again; a lock that should be closed is not left to chance.
      if (action === 'close') cancelLockRetry = clock.after(lockRetryMs, () => move(action, touch))
    }
  }

  function lockHeard(): void {
    unheard = null
    faults.clear('lock')
  }

  // ---------------------------------------------------------------- seeing

  function saw(sight: Sight): void {
    if (sight.kind !== 'camera-trouble') submitEvent(sight)
    else if (sight.trouble === null) faults.clear('camera')
    else faults.report('camera', new CameraFault(sight.trouble))
  }

  // ---------------------------------------------------------------- time

  function scheduleTick(): void {
    cancelTick()
    const now = uptimeMs()
    const longestMs = faults.stands('writing') ? probeDiskEveryMs : Number.POSITIVE_INFINITY
    const delayMs = Math.min(longestMs, Math.max(0, nextTickUptimeMs(state, now) - now))
    cancelTick = clock.after(delayMs, () => submitEvent({ kind: 'tick' }))
  }

  function checkClock(): void {
    const source = clock.confirmed()
    if (source) submit({ kind: 'clock', source })
    const nextMs = source ? clockCheckMs.afterwards : clockCheckMs.untilConfirmed
    cancelClockCheck = clock.after(nextMs, checkClock)
  }

  // ---------------------------------------------------------------- showing

  const view = () => keypadView(state, deps.doorName, uptimeMs())

  function showView(): void {
    const { pausedForMs: _, ...lasting } = view()
    const shown = JSON.stringify([lasting, state.lockout.pausedUntilUptimeMs])
    if (shown === shownView) return
    shownView = shown
    for (const watcher of watchers) watcher(view())
  }

  return {
    start(): void {
      submitEvent({ kind: 'started' })
      checkClock()
      sensors.start((reading) => submitEvent(sensorEvent(reading)))
      cameraPipeline.start(saw)
      link.start({
        online: (online) => submitEvent({ kind: 'link-changed', online }),
        missed: () => submitEvent({ kind: 'command-lost' }),
        message(topic, payload) {
          if (!submit({ kind: 'message', topic, payload })) commandsLost = true
        },
      })
    },

    /** Locks, writes down that it stopped, and lets go of the world in reverse order. */
    async stop(signal: string): Promise<void> {
      for (const waiting of queue.giveUpOthers()) refuse(waiting)
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
      await cameraPipeline.stop()
      sensors.stop()
    },

    enterCode: (code: string) =>
      new Promise<CodeAnswer>((answer, fail) => {
        const taken = submit({ kind: 'code', code, caller: { answer, fail } })
        if (!taken) fail(new DoorBusy('too much is going on at once'))
      }),

    ringBell: () =>
      new Promise<void>((answer, fail) => {
        const taken = submit({ kind: 'bell', caller: { answer, fail } })
        if (!taken) fail(new DoorBusy('too much is going on at once'))
      }),

    /** Settles once the queue has come round to it, which a stuck one never does. */
    roundTrip: () =>
      new Promise<void>((done) => {
        queue.push({ kind: 'round-trip', done }, 'own')
      }),

    keypadState: view,

    /** The door's own idea of the time, whatever the system's clock says. */
    nowMs: () => earliestNowMs(state.time, uptimeMs()),

    watch(watcher: (view: KeypadState) => void): () => void {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },

    health() {
      const away = lock.reachable() ? [] : [sentences.lock]
      const loose = state.bond.reported ? [notHolding] : []
      const problems = [...new Set([...faults.sentences(), ...away, ...loose])]
      return { ok: problems.length === 0, problems }
    },

    metrics: () => [
      counter('events_total', 'Events handled since the start.', counts.handled),
      counter('overflows_total', 'Events dropped because the queue was full.', counts.overflowed),
      counter('refused_messages_total', 'Messages not understood.', counts.refusedMessages),
      counter('unrecorded_total', 'Log rows lost because the disk failed.', counts.unrecorded),
      gauge('unsent_messages', 'Messages the cloud has not acknowledged.', store.unsentCount()),
      gauge('online', 'Whether the line to the cloud is up.', Number(state.link.online)),
      gauge('time_known', 'Whether the time has been confirmed.', Number(state.time.confirmed)),
      gauge(
        'not_holding',
        'Whether the lock should hold but does not.',
        Number(state.bond.reported),
      ),
      gauge('unlocked', 'Whether the lock is open.', Number(state.openUntilUptimeMs !== null)),
    ],
  }
}

/** What the door itself notices, which nobody could tell it again. */
const isOwn = ({ kind }: Incoming): boolean => kind === 'event' || kind === 'clock'

const counter = (name: string, help: string, value: number) =>
  ({ name: `smart_door_${name}`, help, kind: 'counter', value }) as const

const gauge = (name: string, help: string, value: number) =>
  ({ name: `smart_door_${name}`, help, kind: 'gauge', value }) as const

function sensorEvent(reading: SensorReading): DoorEvent {
  switch (reading.kind) {
    case 'contact':
      return { kind: 'contact-changed', open: reading.open }
    case 'bond':
      return { kind: 'bond-changed', holding: reading.holding }
    case 'exit-pressed':
    case 'bell-pressed':
      return { kind: reading.kind }
    default:
      return reading satisfies never
  }
}

/** Only what changed is written, and the time always: no decision may seem to be older. */
function changedParts(stored: DoorState | null, after: DoorState): Partial<PersistedState> {
  return {
    time: { highWaterMs: after.time.highWaterMs, uptimeMs: after.time.markedAtUptimeMs },
    ...(after.lockout !== stored?.lockout && { lockout: after.lockout }),
    ...(after.visits !== stored?.visits && { visits: after.visits }),
    ...(after.commands !== stored?.commands && { commands: after.commands }),
    ...(after.settings !== stored?.settings && { settings: after.settings }),
  }
}

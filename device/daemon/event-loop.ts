/** Takes one item of the queue at a time: looks up facts, decides, commits, acts, and emits the event. */
import type { CodeAnswer } from '../../protocol/keypad-api.ts'
import {
  type DoorEvent,
  decide,
  mustBePersisted,
  nextTickUptimeMs,
  persistsAnything,
  whenPersistFailed,
} from '../core/door/decide.ts'
import {
  type ConfiguredRules,
  type Decision,
  type DoorState,
  type Effect,
  initialState,
} from '../core/door/state.ts'
import type { createCommittedEvents } from './committed-events.ts'
import type { Faults } from './faults.ts'
import { type Caller, eventOf, type Incoming, isForeign, type Job } from './incoming.ts'
import { createLockControl } from './lock-control.ts'
import { type LookupDeps, passcodeAnswer, sheetAnswer } from './lookup.ts'
import type { createMetrics } from './metrics.ts'
import type { Outbox } from './outbox.ts'
import { createPersistence, resumed } from './persistence.ts'
import { type CameraPipeline, type Clock, DoorBusy, type Lock, type Log } from './ports.ts'
import { createQueue } from './queue.ts'

const foreignAtMost = 1_000
const probeDiskEveryMs = 5_000

interface EventLoopDeps extends LookupDeps {
  readonly rules: ConfiguredRules
  readonly lock: Lock
  readonly cameraPipeline: CameraPipeline
  readonly clock: Clock
  readonly log: Log
  readonly newId: () => string
  readonly outbox: Outbox
  readonly faults: Faults
  readonly events: ReturnType<typeof createCommittedEvents>
  readonly metrics: ReturnType<typeof createMetrics>
}

export class EventLoop {
  readonly #deps: EventLoopDeps
  readonly #ranBeforeMs: number
  readonly #persistence: ReturnType<typeof createPersistence>
  readonly #lockControl: ReturnType<typeof createLockControl>
  readonly #queue = createQueue<Incoming | Job>({
    othersAtMost: foreignAtMost,
    work: (item) => (item.kind === 'job' ? item.run() : this.#handle(item)),
    idle: () => this.#onIdle(),
  })
  #state: DoorState
  #isAccepting = true
  /** A command was dropped, because the queue or the disk was full. */
  #hasLostCommand = false
  #cancelTick = () => {}
  /** Who typed a code and has no answer yet, by the id of its event. */
  readonly #visitors = new Map<string, Caller<CodeAnswer>>()

  constructor(deps: EventLoopDeps) {
    this.#deps = deps
    const { persisted, ranBeforeMs } = resumed(deps)
    this.#ranBeforeMs = ranBeforeMs
    const hasLiveView = deps.cameraPipeline.watchLive !== undefined
    const rules = { ...deps.rules, hasLiveView, coilMaxOnMs: deps.lock.coilMaxOnMs ?? null }
    this.#state = initialState(persisted, rules, this.uptimeMs())
    this.#persistence = createPersistence(deps, persisted && this.#state)
    this.#lockControl = createLockControl({ ...deps, submit: (item) => this.submit(item) })
  }

  state = (): DoorState => this.#state

  uptimeMs = (): number => this.#ranBeforeMs + Math.floor(this.#deps.clock.monotonicMs())

  unrecorded = (): number => this.#persistence.unrecorded()

  /** False when there is no room, or the daemon is stopping. */
  submit(item: Incoming | Job): boolean {
    const isQueued = this.#isAccepting && this.#queue.push(item, isForeign(item) ? 'others' : 'own')
    if (!isQueued) this.#deps.metrics.onOverflow()
    if (!isQueued && item.kind === 'message') this.#hasLostCommand = true
    return isQueued
  }

  /** Accepted while stopping too, so that the heartbeat goes on. */
  runJob(run: () => void): void {
    this.#queue.push({ kind: 'job', run }, 'own')
  }

  /** Refuses waiting requests, closes the lock, and logs the stop. */
  async stop(signal: string): Promise<void> {
    for (const waiting of this.#queue.giveUpOthers()) this.#refuse(waiting)
    this.submit({ kind: 'event', event: { kind: 'stopping', signal } })
    this.#isAccepting = false
    await new Promise<void>((done) => this.runJob(done))
    this.#cancelTick()
    this.#lockControl.stop()
    this.#persistence.signAll()
    for (const { fail } of this.#visitors.values()) fail(new DoorBusy('the door is stopping'))
  }

  #onIdle(): void {
    if (!this.#hasLostCommand) return
    this.#hasLostCommand = false
    this.submit({ kind: 'event', event: { kind: 'command-lost' } })
  }

  #handle(incoming: Incoming): void {
    const context = { uptimeMs: this.uptimeMs(), id: this.#deps.newId() }
    const event = this.#isRejected(incoming, context.uptimeMs)
      ? null
      : eventOf(incoming, this.#state, context.uptimeMs, this.#deps)
    if (!event) {
      this.#refuse(incoming)
      return
    }
    const decided = decide(this.#state, event, context)
    const rows = this.#isWorthWriting(event, decided)
      ? this.#persistence.persist(decided, context.uptimeMs)
      : []
    if (!rows && mustBePersisted(event)) {
      this.#state = whenPersistFailed(this.#state, event, context)
      this.#refuse(incoming)
    } else {
      this.#state = decided.state
      if (incoming.kind === 'code') this.#visitors.set(context.id, incoming.caller)
      for (const effect of decided.effects) this.#act(effect)
      this.#answer(incoming, decided)
    }
    // The timer comes first, so that no later fault can keep the lock open.
    this.#scheduleTick()
    this.#lockControl.checkReachable()
    this.#deps.events.emit({ event, state: this.#state, rows: rows ?? [] })
    this.#finish(incoming, event)
  }

  /** A tick also probes a failed disk, so that recovery does not wait for a visitor. */
  #isWorthWriting({ kind }: DoorEvent, decided: Decision): boolean {
    const isProbe = kind === 'tick' && this.#deps.faults.stands('writing')
    return isProbe || persistsAnything(this.#state, decided)
  }

  /** The door's own events are always handled. Requests from outside can be repeated. */
  #isRejected(incoming: Incoming, uptimeMs: number): boolean {
    if (!isForeign(incoming)) return false
    // Otherwise a code would be used up although the door stays closed.
    const needsLock = incoming.kind === 'code' || incoming.kind === 'unlock'
    if (needsLock && !this.#deps.lock.reachable()) return true
    return !this.#persistence.mayTryDisk(uptimeMs)
  }

  #refuse(item: Incoming | Job): void {
    if (item.kind === 'message') this.#hasLostCommand = true
    if ('caller' in item) item.caller.fail(new DoorBusy('the door cannot do that now'))
  }

  #answer(incoming: Incoming, decided: Decision): void {
    if (incoming.kind === 'unlock') incoming.caller.answer(unlockAnswer(decided))
    if (incoming.kind === 'passcode')
      incoming.caller.answer(passcodeAnswer(this.#deps.doorKey, decided))
    if (incoming.kind === 'sheet') incoming.caller.answer(sheetAnswer(this.#deps.doorKey, decided))
  }

  #act(effect: Effect): void {
    switch (effect.kind) {
      case 'open-lock':
        this.#lockControl.open(effect.holdMs)
        return
      case 'close-lock':
        this.#lockControl.close()
        return
      case 'answer-code':
        this.#visitors.get(effect.to)?.answer(effect.answer)
        this.#visitors.delete(effect.to)
        return
      case 'recording-wanted':
        this.#deps.cameraPipeline.watchLive?.(effect.untilUptimeMs)
        return
      default:
        effect satisfies never
    }
  }

  #finish(incoming: Incoming, event: DoorEvent): void {
    const { visits, attention } = this.#state
    if (event.kind === 'tick' && !visits.visit && !attention.moving) {
      this.#persistence.tidy(this.#state.time, this.uptimeMs())
    }
    if (incoming.kind !== 'bell') return
    if (this.#deps.faults.stands('writing')) this.#refuse(incoming)
    else incoming.caller.answer()
  }

  #scheduleTick(): void {
    this.#cancelTick()
    const { clock, faults } = this.#deps
    const now = this.uptimeMs()
    const longestMs = faults.stands('writing') ? probeDiskEveryMs : Number.POSITIVE_INFINITY
    const delayMs = Math.min(longestMs, Math.max(0, nextTickUptimeMs(this.#state, now) - now))
    this.#cancelTick = clock.after(delayMs, () =>
      this.submit({ kind: 'event', event: { kind: 'tick' } }),
    )
  }
}

const unlockAnswer = ({ record }: Decision) =>
  record.some(({ type }) => type === 'unlock-accepted') ? 'accepted' : 'refused'

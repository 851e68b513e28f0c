/** Connects to Kinesis Video as `core/session.ts` decides, and sends what the ring holds. */
import { randomBytes } from 'node:crypto'
import type { AwsCredentials, Cancel } from '../../daemon/ports.ts'
import type { Ack } from '../core/acks.ts'
import type { FragmentRing, Next } from '../core/fragment-ring.ts'
import { isSameTrack, matroskaHeader, type VideoTrack } from '../core/matroska.ts'
import {
  decide,
  firstState,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
} from '../core/session.ts'
import { dataEndpoint, type EndpointAnswer, failureOf } from './kinesis-api.ts'
import { openPutMedia, type PutMediaConnection, type PutMediaListener } from './put-media.ts'
import type { KinesisVideoDeps, UplinkLimits } from './uplink.ts'

interface Access {
  readonly credentials: AwsCredentials
  readonly endpoint: URL
}

/** A connection, from the request for one on. */
interface Open {
  connection: PutMediaConnection | null
  /** The track that its header describes; another track needs another connection. */
  track: VideoTrack | null
  /** When the last fragment on it began; none may go back from there. */
  lastMs: number
  isFull: boolean
  isUnwanted: boolean
}

type PhaseName = SessionState['phase']['name']
type Announced = Extract<Next, { kind: 'fragment' }>

export class Uploader {
  /** Whether more is expected of the open fragment, or another fragment. */
  moreComes = false
  readonly #deps: KinesisVideoDeps
  readonly #limits: UplinkLimits
  readonly #ring: FragmentRing
  /** Called after the ring may have changed; it calls `pump`. */
  readonly #ringChanged: () => void
  readonly #alarms = new Set<Cancel>()
  #state: SessionState = firstState
  #access: Access | null = null
  #open: Open | null = null
  #whenClosed = () => {}
  #connections = 0
  #bytesSent = 0

  constructor(
    deps: KinesisVideoDeps,
    limits: UplinkLimits,
    ring: FragmentRing,
    ringChanged: () => void,
  ) {
    this.#deps = deps
    this.#limits = limits
    this.#ring = ring
    this.#ringChanged = ringChanged
  }

  /** Sends as much as the connection accepts. */
  pump(): void {
    if (this.#ring.hasUnsent()) this.#submit({ kind: 'media-waits' })
    const corked = this.#open?.connection
    corked?.cork()
    while (this.#sendNext());
    corked?.uncork()
  }

  async stop(): Promise<void> {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    this.#whenClosed = resolve
    if (!this.#open) resolve()
    this.#submit({ kind: 'stop' })
    for (const cancel of this.#alarms) cancel()
    await closed
  }

  figures() {
    const phase = this.#state.phase.name
    return { phase, connections: this.#connections, bytesSent: this.#bytesSent }
  }

  // ---------------------------------------------------------------- session

  #isIn(phase: PhaseName): boolean {
    return this.#state.phase.name === phase
  }

  #submit(event: SessionEvent): void {
    const nowMs = this.#deps.clock.monotonicMs()
    const context = { nowMs, random: this.#deps.random(), limits: this.#limits }
    const { state, effects } = decide(this.#state, event, context)
    this.#state = state
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'prepare':
        void this.#prepare(effect.askEndpoint, effect.renewCredentials)
        break
      case 'connect':
        if (this.#access) void this.#connect(this.#access)
        break
      case 'end-body':
        this.#open?.connection?.end()
        break
      case 'abort':
        if (this.#open) this.#open.isUnwanted = true
        this.#open?.connection?.abort()
        break
      case 'rewind':
        this.#ring.rewind(effect.after)
        break
      case 'blame':
        this.#ring.refused(effect.timecodeMs, effect.tries)
        break
      case 'wake':
        this.#wakeAt(effect.atMs)
        break
      case 'report-failure':
        this.#deps.report({ ...effect, kind: 'failed' })
        break
      default:
        effect satisfies never
    }
  }

  #wakeAt(atMs: number): void {
    const { clock } = this.#deps
    const cancel = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.#alarms.delete(cancel)
      this.#submit({ kind: 'time-passed' })
      this.#ringChanged()
    })
    this.#alarms.add(cancel)
  }

  async #prepare(askEndpoint: boolean, renew: boolean): Promise<void> {
    const { clock } = this.#deps
    const answer = await this.#findAccess(renew, askEndpoint ? null : this.#access).catch(
      (error: unknown) => ({ failure: failureOf(error) }),
    )
    if (!this.#isIn('preparing')) return
    if ('failure' in answer) this.#submit({ kind: 'failed', ...answer, timecodeMs: null })
    else {
      this.#access = answer
      const leftMs = answer.credentials.expiresAtMs - clock.wallMs()
      this.#submit({ kind: 'prepared', credentialsExpireAtMs: clock.monotonicMs() + leftMs })
    }
    this.#ringChanged()
  }

  async #findAccess(
    renew: boolean,
    known: Access | null,
  ): Promise<Access | Exclude<EndpointAnswer, { endpoint: URL }>> {
    const { credentials: provide, region, streamName, clock, controlUrl } = this.#deps
    const obtain = async (anew: boolean) => {
      const found = await provide(anew).catch(() => null)
      const neededUntilMs = clock.wallMs() + this.#limits.beforeExpiryMs
      return found && found.expiresAtMs > neededUntilMs ? found : null
    }
    const credentials = (await obtain(renew)) ?? (renew ? null : await obtain(true))
    if (!credentials) return { failure: { kind: 'no-credentials' } }
    if (known) return { credentials, endpoint: known.endpoint }
    const answer = await dataEndpoint({
      controlUrl: controlUrl ?? `https://kinesisvideo.${region}.amazonaws.com`,
      region,
      streamName,
      credentials,
      nowMs: clock.wallMs(),
      network: this.#limits,
    })
    return 'failure' in answer ? answer : { credentials, endpoint: answer.endpoint }
  }

  // ---------------------------------------------------------------- connection

  async #connect({ endpoint, credentials }: Access): Promise<void> {
    const { region, streamName, clock } = this.#deps
    this.#connections += 1
    const open: Open = {
      connection: null,
      track: null,
      lastMs: 0,
      isFull: false,
      isUnwanted: false,
    }
    this.#open = open
    const listener = this.#listenerFor(open)
    const startedAtMs = clock.wallMs()
    const call = { endpoint, credentials, region, streamName, startedAtMs, clock }
    try {
      open.connection = await openPutMedia({ ...call, network: this.#limits }, listener)
      if (open.isUnwanted) open.connection.abort()
      this.#ringChanged()
    } catch (error) {
      listener.failed(failureOf(error))
      listener.closed()
    }
  }

  #listenerFor(open: Open): PutMediaListener {
    return {
      answered: () => this.#submit({ kind: 'answered' }),
      ack: (ack) => {
        if (this.#open === open) this.#takeAck(ack)
      },
      drained: () => {
        open.isFull = false
        this.#ringChanged()
      },
      failed: (failure) => {
        if (this.#open === open) this.#submit({ kind: 'failed', failure, timecodeMs: null })
      },
      closed: () => {
        if (this.#open === open) this.#open = null
        const ring = this.#ring
        const [isAwaiting, mediaWaits] = [ring.isAwaiting(), ring.hasUnsent()]
        this.#submit({ kind: 'closed', isAwaiting, mediaWaits })
        this.#whenClosed()
        this.#ringChanged()
      },
    }
  }

  #takeAck({ kind, timecodeMs, errorId }: Ack): void {
    if (kind === 'ERROR') {
      if (timecodeMs !== null) this.#ring.notReceived(timecodeMs)
      this.#submit({ kind: 'failed', failure: { kind: 'ack', errorId }, timecodeMs })
    } else if (kind === 'RECEIVED' && timecodeMs !== null) this.#ring.received(timecodeMs)
    else if (kind === 'PERSISTED' && timecodeMs !== null) {
      this.#ring.persisted(timecodeMs)
      this.#submit({ kind: 'persisted' })
    }
    // Nothing more can come: there is no need to wait until the service closes the connection.
    if (kind === 'PERSISTED' && this.#isIn('draining') && !this.#ring.isAwaiting()) {
      this.#perform({ kind: 'abort' })
    }
    this.#ringChanged()
  }

  /** Whether it may be called again at once. */
  #sendNext(): boolean {
    const open = this.#open
    if (!open?.connection || open.isFull || !this.#isIn('streaming')) return false
    const next = this.#ring.next()
    switch (next.kind) {
      case 'nothing':
        if (!this.moreComes && !this.#ring.hasUnsent()) {
          this.#submit({ kind: 'between', next: 'nothing' })
        }
        return false
      case 'end':
        return true
      case 'bytes':
        this.#bytesSent += next.bytes.length
        open.isFull = !open.connection.write(next.bytes)
        return true
      case 'fragment':
        return this.#begin(next, open, open.connection)
    }
  }

  /** False when the fragment has to wait for another connection. */
  #begin(fragment: Announced, open: Open, connection: PutMediaConnection): boolean {
    // Every connection carries at least one fragment, however soon it has to end.
    if (open.track) {
      const isSame = this.#mayFollow(open.track, open.lastMs, fragment)
      this.#submit({ kind: 'between', next: isSame ? 'same-track' : 'other-track' })
      if (!this.#isIn('streaming')) return false
    } else connection.write(matroskaHeader(fragment.track, randomBytes(16)))
    open.track ??= fragment.track
    open.lastMs = fragment.timecodeMs
    this.#ring.enter(fragment.number)
    return true
  }

  /** The service accepts a fragment shorter than a second only as the last of a connection. */
  #mayFollow(track: VideoTrack, lastMs: number, next: Announced): boolean {
    return isSameTrack(track, next.track) && next.timecodeMs >= lastMs + this.#limits.shortestMs
  }
}

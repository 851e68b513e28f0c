/**
 * The way of video up to Kinesis Video. Frames become fragments, fragments are kept until they are
 * persisted, and the session decides when there is a connection to send them over.
 */
import { randomBytes } from 'node:crypto'
import type { Cancel, Clock } from '../ports.ts'
import type { Ack } from '../video/acks.ts'
import type { Failure } from '../video/failures.ts'
import {
  type FragmentRing,
  fragmentRing,
  type Next,
  type RingLimits,
} from '../video/fragment-ring.ts'
import { type FragmentLimits, fragmenter, serviceFragmentLimits } from '../video/fragments.ts'
import {
  type FragmentTags,
  isSameTrack,
  matroskaHeader,
  problemWithTags,
  type VideoTrack,
} from '../video/matroska.ts'
import {
  decide,
  firstState,
  type SessionEffect,
  type SessionEvent,
  type SessionLimits,
  type SessionState,
  sessionLimits,
} from '../video/session.ts'
import type { UplinkNews, VideoCredentials, VideoUplink } from '../video-ports.ts'
import {
  openPutMedia,
  type PutMediaConnection,
  type PutMediaListener,
} from './video-kinesis-connection.ts'
import { fragmentDisk } from './video-kinesis-disk.ts'
import { dataEndpoint, type EndpointAnswer } from './video-kinesis-endpoint.ts'
import type { NetworkOptions } from './video-kinesis-http.ts'

export interface KinesisVideoDeps {
  readonly region: string
  readonly streamName: string
  /** Where to ask for the endpoint; AWS's own place for the region when there is none. */
  readonly controlUrl?: string
  /** `renew`: those given last were refused. Rejects when there are none. */
  readonly credentials: (renew: boolean) => Promise<VideoCredentials>
  readonly clock: Clock
  readonly chance: () => number
  /** For fragments that memory has no room for; it is emptied. */
  readonly folder: string
  readonly tell: (news: UplinkNews) => void
  readonly limits?: Partial<UplinkLimits>
}

export interface UplinkLimits extends SessionLimits, NetworkOptions, RingLimits, FragmentLimits {
  /** After so long without a frame a connection is not kept open. */
  readonly lullMs: number
}

export const uplinkLimits: UplinkLimits = {
  ...sessionLimits,
  ...serviceFragmentLimits,
  connectMs: 5_000,
  answerMs: 10_000,
  silenceMs: 25_000,
  memoryBytes: 16 * 1024 * 1024,
  diskBytes: 128 * 1024 * 1024,
  lullMs: 4_000,
}

export function kinesisVideo(deps: KinesisVideoDeps): VideoUplink {
  const limits: UplinkLimits = { ...uplinkLimits, ...deps.limits }
  const { clock } = deps
  let tags: FragmentTags = {}
  let wanted: 'yes' | 'until-long-enough' | 'no' = 'no'
  let cancelLull: Cancel = () => {}

  const ring = fragmentRing(limits)
  const disk = fragmentDisk(deps.folder)
  const frames = fragmenter(() => tags, limits)
  const line = uplinkLine(deps, limits, ring, afterRing)

  /** Does on the disk what the ring wants, then looks whether there is something to send. */
  function afterRing(): void {
    for (const wish of ring.wishes()) {
      const { kind } = wish
      if (kind === 'dropped') deps.tell({ kind, dropped: wish.dropped })
      else if (kind === 'erase') disk.erase(wish.number)
      else if (kind === 'read') disk.read(wish.number, (bytes) => readBack(wish.number, bytes))
      else disk.write(wish.number, wish.chunks, (done) => written(wish.number, done))
    }
    line.pump()
    if (ring.wishesWait()) afterRing()
  }
  const readBack = (number: number, bytes: Buffer | null) => {
    ring.readBack(number, bytes && [bytes])
    afterRing()
  }
  const written = (number: number, done: boolean) => {
    ring.written(number, done)
    afterRing()
  }
  const closeFragment = () => {
    for (const step of frames.complete()) if (step.kind === 'completed') ring.complete(step.bytes)
  }
  const finish = () => {
    cancelLull()
    wanted = 'no'
    closeFragment()
    line.nothingComes()
    afterRing()
  }
  const lull = () => {
    if (wanted !== 'yes') return finish()
    closeFragment()
    line.nothingComes()
    afterRing()
  }
  const expectFrame = () => {
    cancelLull()
    cancelLull = clock.after(wanted === 'yes' ? limits.lullMs : limits.shortestMs, lull)
  }
  const isLongEnough = () => (frames.openForMs() ?? limits.shortestMs) >= limits.shortestMs

  return {
    begin(wantedTags) {
      const problem = problemWithTags(wantedTags)
      if (problem) throw new Error(problem)
      tags = wantedTags
      wanted = 'yes'
    },
    frame(unit, atMs) {
      if (wanted === 'no') return
      for (const step of frames.frame(unit, atMs)) {
        if (step.kind === 'completed') ring.complete(step.bytes)
        else if (step.kind === 'opened') ring.open(step.timecodeMs, step.track)
        else ring.grow(Buffer.concat(step.parts))
      }
      line.somethingComes()
      expectFrame()
      if (wanted === 'until-long-enough' && isLongEnough()) finish()
      else afterRing()
    },
    end() {
      if (wanted !== 'yes') return
      wanted = 'until-long-enough'
      if (isLongEnough()) finish()
      else expectFrame()
    },
    async stop() {
      cancelLull()
      wanted = 'no'
      await line.stop()
      await disk.close()
    },
    figures: () => ({ ...ring.figures(), ...line.figures(), framesLeftOut: frames.leftOut() }),
  }
}

// ---------------------------------------------------------------- the line

interface UplinkLine {
  /** Sends what the connection takes. */
  pump(): void
  nothingComes(): void
  somethingComes(): void
  stop(): Promise<void>
  figures(): { phase: SessionState['phase']['name']; connections: number; bytesSent: number }
}

function uplinkLine(
  deps: KinesisVideoDeps,
  limits: UplinkLimits,
  ring: FragmentRing,
  afterRing: () => void,
): UplinkLine {
  const { clock, tell } = deps
  let state: SessionState = firstState
  let open: Open | null = null
  let access: Access | null = null
  let moreComes = false
  let connections = 0
  let bytesSent = 0
  const wakers = new Set<Cancel>()
  let wentDown = () => {}

  const submit = (event: SessionEvent) => {
    const moment = { nowMs: clock.monotonicMs(), chance: deps.chance() }
    const decision = decide(state, event, moment, limits)
    state = decision.state
    for (const effect of decision.effects) perform(effect)
  }

  const perform = (effect: SessionEffect): void => {
    switch (effect.kind) {
      case 'prepare':
        void prepare(effect.askEndpoint, effect.renewCredentials)
        break
      case 'connect':
        void connect()
        break
      case 'end-body':
        open?.connection?.end()
        break
      case 'abort':
        open?.abort()
        break
      case 'rewind':
        ring.rewind(effect.after)
        break
      case 'blame':
        ring.refused(effect.timecodeMs, effect.tries)
        break
      case 'wake':
        wakeAt(effect.atMs)
        break
      case 'tell-failure':
        tell({ ...effect, kind: 'failed' })
        break
      default:
        effect satisfies never
    }
  }

  const wakeAt = (atMs: number) => {
    const cancel = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      wakers.delete(cancel)
      submit({ kind: 'time-passed' })
      afterRing()
    })
    wakers.add(cancel)
  }

  const prepare = async (askEndpoint: boolean, renew: boolean) => {
    const known = askEndpoint ? null : access
    const found = await findAccess(deps, limits, { renew, known }).catch((error: unknown) => ({
      failure: failureOf(error),
    }))
    if (state.phase.name !== 'preparing') return
    if ('failure' in found) submit({ kind: 'failed', failure: found.failure, timecodeMs: null })
    else {
      access = found
      const leftMs = found.credentials.expiresAtMs - clock.wallMs()
      submit({ kind: 'prepared', credentialsExpireAtMs: clock.monotonicMs() + leftMs })
    }
    afterRing()
  }

  const connect = async () => {
    if (!access) return
    connections += 1
    const mine = newlyOpen()
    open = mine
    const { endpoint, credentials } = access
    const { region, streamName } = deps
    const startedAtMs = clock.wallMs()
    const call = { endpoint, credentials, region, streamName, startedAtMs, clock, network: limits }
    const listener = listenerFor(mine)
    try {
      mine.connected(await openPutMedia(call, listener))
      afterRing()
    } catch (error) {
      listener.failed(failureOf(error))
      listener.closed()
    }
  }

  const listenerFor = (mine: Open): PutMediaListener => ({
    answered() {
      submit({ kind: 'answered' })
      tell({ kind: 'connected' })
    },
    ack(ack) {
      if (open === mine) take(ack)
    },
    drained() {
      mine.isFull = false
      afterRing()
    },
    failed(failure) {
      if (open === mine) submit({ kind: 'failed', failure, timecodeMs: null })
    },
    closed() {
      if (open === mine) open = null
      submit({ kind: 'closed', isAwaiting: ring.isAwaiting(), mediaWaits: ring.hasUnsent() })
      wentDown()
      afterRing()
    },
  })

  const take = ({ kind, timecodeMs, errorId, fragmentNumber }: Ack) => {
    if (kind === 'ERROR') {
      if (timecodeMs !== null) ring.notReceived(timecodeMs)
      submit({ kind: 'failed', failure: { kind: 'ack', errorId }, timecodeMs })
    } else if (timecodeMs === null) return
    else if (kind === 'RECEIVED') ring.received(timecodeMs)
    else if (kind === 'PERSISTED') {
      ring.persisted(timecodeMs)
      submit({ kind: 'persisted' })
      tell({ kind: 'persisted', timecodeMs, fragmentNumber })
      // Nothing more can come: no need to wait for the service to hang up first.
      if (state.phase.name === 'draining' && !ring.isAwaiting()) open?.abort()
    }
    afterRing()
  }

  /** Whether another piece may follow. */
  const step = (): boolean => {
    const { connection } = open ?? {}
    if (!open || !connection || open.isFull || state.phase.name !== 'streaming') return false
    const next = ring.next()
    switch (next.kind) {
      case 'nothing':
        if (!moreComes && !ring.hasUnsent()) submit({ kind: 'between', next: 'nothing' })
        return false
      case 'end':
        return true
      case 'bytes':
        bytesSent += next.bytes.length
        open.isFull = !connection.write(next.bytes)
        return true
      case 'fragment':
        return enter(next, open, connection)
    }
  }

  /** False when the fragment has to wait for another connection. */
  const enter = (next: Announced, mine: Open, connection: PutMediaConnection): boolean => {
    const { number, track, timecodeMs } = next
    // Every connection carries one fragment at least, however little time it is given.
    if (mine.track) {
      const fits = isSameTrack(mine.track, track) && timecodeMs > mine.lastMs
      submit({ kind: 'between', next: fits ? 'same-track' : 'other-track' })
      if (state.phase.name !== 'streaming') return false
    } else connection.write(matroskaHeader(track, randomBytes(16)))
    mine.track ??= track
    mine.lastMs = timecodeMs
    ring.enter(number)
    return true
  }

  return {
    pump() {
      if (ring.hasUnsent()) submit({ kind: 'media-waits' })
      const corked = open?.connection
      corked?.cork()
      while (step());
      corked?.uncork()
    },
    nothingComes() {
      moreComes = false
    },
    somethingComes() {
      moreComes = true
    },
    async stop() {
      const { promise: gone, resolve } = Promise.withResolvers<void>()
      wentDown = resolve
      if (!open) resolve()
      submit({ kind: 'stop' })
      for (const cancel of wakers) cancel()
      await gone
    },
    figures: () => ({ phase: state.phase.name, connections, bytesSent }),
  }
}

type Announced = Extract<Next, { kind: 'fragment' }>

/** A connection, from the wish for one on. */
interface Open {
  connection: PutMediaConnection | null
  /** What was announced at its start; another needs another connection. */
  track: VideoTrack | null
  /** When the last fragment on it began; none may go back from there. */
  lastMs: number
  isFull: boolean
  connected(connection: PutMediaConnection): void
  abort(): void
}

function newlyOpen(): Open {
  let isUnwanted = false
  return {
    connection: null,
    track: null,
    lastMs: 0,
    isFull: false,
    connected(connection) {
      this.connection = connection
      if (isUnwanted) connection.abort()
    },
    abort() {
      isUnwanted = true
      this.connection?.abort()
    },
  }
}

// ---------------------------------------------------------------- access

/** What is thrown before anything is on the wire, such as a name that cannot be one. */
const failureOf = (error: unknown): Failure => ({
  kind: 'network',
  code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown',
})

interface Access {
  readonly credentials: VideoCredentials
  readonly endpoint: URL
}

async function findAccess(
  { credentials: provide, region, streamName, clock, controlUrl }: KinesisVideoDeps,
  network: UplinkLimits,
  { renew, known }: { readonly renew: boolean; readonly known: Access | null },
): Promise<Access | Extract<EndpointAnswer, { failure: unknown }>> {
  const lastsUntilMs = clock.wallMs() + network.beforeExpiryMs
  const lasting = (one: VideoCredentials | null) => one && one.expiresAtMs > lastsUntilMs && one
  const obtain = (anew: boolean) => provide(anew).then(lasting, () => null)
  const credentials = (await obtain(renew)) || (!renew && (await obtain(true)))
  if (!credentials) return { failure: { kind: 'no-credentials' } }
  if (known) return { credentials, endpoint: known.endpoint }
  const answer = await dataEndpoint({
    controlUrl: controlUrl ?? `https://kinesisvideo.${region}.amazonaws.com`,
    nowMs: clock.wallMs(),
    ...{ region, streamName, credentials, network },
  })
  return 'failure' in answer ? answer : { credentials, endpoint: answer.endpoint }
}

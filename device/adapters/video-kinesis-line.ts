/**
 * Keeps the connection to Kinesis Video as the session decides, and sends over it what the ring
 * holds, no faster than it is taken.
 */
import { randomBytes } from 'node:crypto'
import type { AwsCredentials, Cancel } from '../ports.ts'
import type { Ack } from '../video/acks.ts'
import type { Failure } from '../video/failures.ts'
import type { FragmentRing, Next } from '../video/fragment-ring.ts'
import { isSameTrack, matroskaHeader, type VideoTrack } from '../video/matroska.ts'
import {
  decide,
  firstState,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
} from '../video/session.ts'
import type { KinesisVideoDeps, UplinkLimits } from './video-kinesis.ts'
import {
  openPutMedia,
  type PutMediaConnection,
  type PutMediaListener,
} from './video-kinesis-connection.ts'
import { dataEndpoint, type EndpointAnswer } from './video-kinesis-endpoint.ts'

export interface UplinkLine {
  /** Sends what the connection takes. */
  pump(): void
  nothingComes(): void
  somethingComes(): void
  stop(): Promise<void>
  figures(): { phase: SessionState['phase']['name']; connections: number; bytesSent: number }
}

export function uplinkLine(
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
      // The service takes no fragment that is followed so soon, but one that is the last.
      const isLater = timecodeMs >= mine.lastMs + limits.shortestMs
      const fits = isSameTrack(mine.track, track) && isLater
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
  readonly credentials: AwsCredentials
  readonly endpoint: URL
}

async function findAccess(
  { credentials: provide, region, streamName, clock, controlUrl }: KinesisVideoDeps,
  network: UplinkLimits,
  { renew, known }: { readonly renew: boolean; readonly known: Access | null },
): Promise<Access | Extract<EndpointAnswer, { failure: unknown }>> {
  const lastsUntilMs = clock.wallMs() + network.beforeExpiryMs
  const lasting = (one: AwsCredentials | null) => one && one.expiresAtMs > lastsUntilMs && one
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

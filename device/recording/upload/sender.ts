/** Sends over one connection after the other what the ring holds, no faster than it is taken. */
import { randomBytes } from 'node:crypto'
import type { Ack } from '../core/acks.ts'
import type { Failure } from '../core/failures.ts'
import type { FragmentRing, Next } from '../core/fragment-ring.ts'
import { isSameTrack, matroskaHeader, type VideoTrack } from '../core/matroska.ts'
import { type Access, failureOf } from './access.ts'
import { openPutMedia, type PutMediaConnection, type PutMediaListener } from './put-media.ts'
import type { KinesisVideoDeps, UplinkLimits } from './uplink.ts'

export interface Sending {
  connect(access: Access): Promise<void>
  /** Sends what the connection takes. */
  pump(): void
  /** Nothing more goes over this connection; its acknowledgements are awaited. */
  end(): void
  abort(): void
  isOpen(): boolean
  figures(): { readonly connections: number; readonly bytesSent: number }
}

export interface SendingListener {
  answered(): void
  ack(ack: Ack): void
  failed(failure: Failure): void
  closed(): void
  /** There is room again on the connection. */
  drained(): void
  /** Whether media may go out. */
  mayStream(): boolean
  /** Whether more is expected of the fragment that is open, or another one. */
  moreComes(): boolean
  /** Between two fragments, or with nothing left to send: after this media may stop going out. */
  between(next: 'same-track' | 'other-track' | 'nothing'): void
}

/** A connection, from the wish for one on. */
interface Open {
  connection: PutMediaConnection | null
  /** What was announced at its start; another needs another connection. */
  track: VideoTrack | null
  /** When the last fragment on it began; none may go back from there. */
  lastMs: number
  isFull: boolean
  isUnwanted: boolean
}

const newlyOpen = (): Open => ({
  ...{ connection: null, track: null, lastMs: 0 },
  ...{ isFull: false, isUnwanted: false },
})

export function sendingOf(
  deps: KinesisVideoDeps,
  limits: UplinkLimits,
  ring: FragmentRing,
  listener: SendingListener,
): Sending {
  let open: Open | null = null
  let connections = 0
  let bytesSent = 0

  const listenerFor = (mine: Open): PutMediaListener => ({
    answered: listener.answered,
    ack(ack) {
      if (open === mine) listener.ack(ack)
    },
    drained() {
      mine.isFull = false
      listener.drained()
    },
    failed(failure) {
      if (open === mine) listener.failed(failure)
    },
    closed() {
      if (open === mine) open = null
      listener.closed()
    },
  })

  /** Whether another piece may follow. */
  const step = (): boolean => {
    const { connection } = open ?? {}
    if (!open || !connection || open.isFull || !listener.mayStream()) return false
    const next = ring.next()
    switch (next.kind) {
      case 'nothing':
        if (!listener.moreComes() && !ring.hasUnsent()) listener.between('nothing')
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
    // Every connection carries one fragment at least, however little time it is given.
    if (mine.track) {
      listener.between(mayFollow(mine, next, limits) ? 'same-track' : 'other-track')
      if (!listener.mayStream()) return false
    } else connection.write(matroskaHeader(next.track, randomBytes(16)))
    mine.track ??= next.track
    mine.lastMs = next.timecodeMs
    ring.enter(next.number)
    return true
  }

  return {
    async connect(access) {
      connections += 1
      const mine = newlyOpen()
      open = mine
      const hears = listenerFor(mine)
      try {
        mine.connection = await openPutMedia(callOf(deps, limits, access), hears)
        if (mine.isUnwanted) mine.connection.abort()
        listener.drained()
      } catch (error) {
        hears.failed(failureOf(error))
        hears.closed()
      }
    },
    pump() {
      const corked = open?.connection
      corked?.cork()
      while (step());
      corked?.uncork()
    },
    end: () => open?.connection?.end(),
    abort() {
      if (open) open.isUnwanted = true
      open?.connection?.abort()
    },
    isOpen: () => open !== null,
    figures: () => ({ connections, bytesSent }),
  }
}

type Announced = Extract<Next, { kind: 'fragment' }>

/** The service takes no fragment that is followed within a second, but one that is the last. */
const mayFollow = (
  { track, lastMs }: Open,
  next: Announced,
  { shortestMs }: UplinkLimits,
): boolean =>
  track !== null && isSameTrack(track, next.track) && next.timecodeMs >= lastMs + shortestMs

const callOf = (
  { region, streamName, clock }: KinesisVideoDeps,
  network: UplinkLimits,
  { endpoint, credentials }: Access,
) => ({
  ...{ endpoint, credentials, region, streamName },
  ...{ startedAtMs: clock.wallMs(), clock, network },
})

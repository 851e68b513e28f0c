/** Keeps the connection to Kinesis Video as the session decides. */
import type { Cancel, Clock } from '../../daemon/ports.ts'
import type { Ack } from '../core/acks.ts'
import type { FragmentRing } from '../core/fragment-ring.ts'
import {
  decide,
  firstState,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
} from '../core/session.ts'
import { type Access, failureOf, findAccess } from './access.ts'
import { type Sending, sendingOf } from './sender.ts'
import type { KinesisVideoDeps, UplinkLimits } from './uplink.ts'

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
  let moreComes = false
  let wentDown = () => {}

  const submit = (event: SessionEvent) => {
    const moment = { nowMs: clock.monotonicMs(), chance: deps.chance() }
    const decision = decide(state, event, moment, limits)
    state = decision.state
    for (const effect of decision.effects) perform(effect, parts)
  }
  const submitted = (event: SessionEvent) => {
    submit(event)
    afterRing()
  }
  const isIn = (phase: SessionState['phase']['name']) => state.phase.name === phase
  const take = (ack: Ack) => {
    takeAck(ack, ring, { submit, tell })
    // Nothing more can come: no need to wait for the service to hang up first.
    if (ack.kind === 'PERSISTED' && isIn('draining') && !ring.isAwaiting()) sending.abort()
    afterRing()
  }
  const sending = sendingOf(deps, limits, ring, {
    answered() {
      submit({ kind: 'answered' })
      tell({ kind: 'connected' })
    },
    ack: take,
    failed: (failure) => submit({ kind: 'failed', failure, timecodeMs: null }),
    closed() {
      submit({ kind: 'closed', isAwaiting: ring.isAwaiting(), mediaWaits: ring.hasUnsent() })
      wentDown()
      afterRing()
    },
    drained: afterRing,
    mayStream: () => isIn('streaming'),
    moreComes: () => moreComes,
    between: (next) => submit({ kind: 'between', next }),
  })
  const access = accessFor(deps, limits, () => isIn('preparing') && submitted)
  const alarms = alarmsOn(clock, () => submitted({ kind: 'time-passed' }))
  const parts: Parts = { sending, access, alarms, ring, tell }

  return {
    pump() {
      if (ring.hasUnsent()) submit({ kind: 'media-waits' })
      sending.pump()
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
      if (!sending.isOpen()) resolve()
      submit({ kind: 'stop' })
      alarms.cancel()
      await gone
    },
    figures: () => ({ phase: state.phase.name, ...sending.figures() }),
  }
}

// ---------------------------------------------------------------- what the session wants

interface Parts extends Pick<KinesisVideoDeps, 'tell'> {
  readonly sending: Sending
  readonly access: AccessKeeper
  readonly alarms: Alarms
  readonly ring: FragmentRing
}

function perform(effect: SessionEffect, { sending, access, alarms, ring, tell }: Parts): void {
  switch (effect.kind) {
    case 'prepare':
      void access.prepare(effect.askEndpoint, effect.renewCredentials)
      break
    case 'connect': {
      const found = access.found()
      if (found) void sending.connect(found)
      break
    }
    case 'end-body':
      sending.end()
      break
    case 'abort':
      sending.abort()
      break
    case 'rewind':
      ring.rewind(effect.after)
      break
    case 'blame':
      ring.refused(effect.timecodeMs, effect.tries)
      break
    case 'wake':
      alarms.at(effect.atMs)
      break
    case 'tell-failure':
      tell({ ...effect, kind: 'failed' })
      break
    default:
      effect satisfies never
  }
}

interface AckTaker extends Pick<KinesisVideoDeps, 'tell'> {
  readonly submit: (event: SessionEvent) => void
}

function takeAck(
  { kind, timecodeMs, errorId, fragmentNumber }: Ack,
  ring: FragmentRing,
  { submit, tell }: AckTaker,
): void {
  if (kind === 'ERROR') {
    if (timecodeMs !== null) ring.notReceived(timecodeMs)
    submit({ kind: 'failed', failure: { kind: 'ack', errorId }, timecodeMs })
  } else if (timecodeMs === null) return
  else if (kind === 'RECEIVED') ring.received(timecodeMs)
  else if (kind === 'PERSISTED') {
    ring.persisted(timecodeMs)
    submit({ kind: 'persisted' })
    tell({ kind: 'persisted', timecodeMs, fragmentNumber })
  }
}

interface AccessKeeper {
  prepare(askEndpoint: boolean, renew: boolean): Promise<void>
  found(): Access | null
}

/** `wanted`: whom to tell, unless nobody waits for it any more. */
function accessFor(
  deps: KinesisVideoDeps,
  limits: UplinkLimits,
  wanted: () => false | ((event: SessionEvent) => void),
): AccessKeeper {
  let access: Access | null = null
  return {
    found: () => access,
    async prepare(askEndpoint, renew) {
      const known = askEndpoint ? null : access
      const answer = await findAccess(deps, limits, { renew, known }).catch((error: unknown) => ({
        failure: failureOf(error),
      }))
      const submit = wanted()
      if (submit === false) return
      if ('failure' in answer) return submit({ kind: 'failed', ...answer, timecodeMs: null })
      access = answer
      const { clock } = deps
      const leftMs = answer.credentials.expiresAtMs - clock.wallMs()
      submit({ kind: 'prepared', credentialsExpireAtMs: clock.monotonicMs() + leftMs })
    },
  }
}

interface Alarms {
  at(atMs: number): void
  cancel(): void
}

function alarmsOn(clock: Clock, ring: () => void): Alarms {
  const set = new Set<Cancel>()
  return {
    at(atMs) {
      const cancel = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
        set.delete(cancel)
        ring()
      })
      set.add(cancel)
    },
    cancel() {
      for (const cancel of set) cancel()
    },
  }
}

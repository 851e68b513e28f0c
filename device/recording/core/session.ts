/**
 * Decides when to connect to Kinesis Video, and how to react to failures. The service accepts one
 * connection per stream, so the old one is ended and its last acknowledgement awaited before the
 * next is opened.
 */
import { type Failure, type Reaction, reactionTo } from './failures.ts'

export type Phase =
  | { readonly name: 'idle' }
  /** Obtains credentials and the endpoint. */
  | { readonly name: 'preparing' }
  | { readonly name: 'streaming'; readonly rotateAtMs: number; readonly isAnswered: boolean }
  /** Everything is sent; the last acknowledgements are awaited. */
  | { readonly name: 'draining'; readonly untilMs: number; readonly isAnswered: boolean }
  /** Aborted, but not closed yet. */
  | { readonly name: 'closing'; readonly restMs: number }
  | { readonly name: 'resting'; readonly untilMs: number }
  | { readonly name: 'stopped' }

export interface SessionState {
  readonly phase: Phase
  /** In a row, without a persisted fragment in between. */
  readonly failures: number
  readonly askEndpoint: boolean
  readonly renewCredentials: boolean
}

export type SessionEvent =
  | { readonly kind: 'media-waits' }
  | { readonly kind: 'prepared'; readonly credentialsExpireAtMs: number }
  | { readonly kind: 'answered' }
  | { readonly kind: 'persisted' }
  /** Before the next fragment, or with nothing left to send. */
  | { readonly kind: 'between'; readonly next: 'same-track' | 'other-track' | 'nothing' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly timecodeMs: number | null }
  /** The connection is closed, for any reason. */
  | { readonly kind: 'closed'; readonly isAwaiting: boolean; readonly mediaWaits: boolean }
  | { readonly kind: 'time-passed' }
  | { readonly kind: 'stop' }

export type SessionEffect =
  | { readonly kind: 'prepare'; readonly askEndpoint: boolean; readonly renewCredentials: boolean }
  | { readonly kind: 'connect' }
  | { readonly kind: 'end-body' }
  | { readonly kind: 'abort' }
  | { readonly kind: 'rewind'; readonly after: Reaction['resendAfter'] }
  | { readonly kind: 'blame'; readonly timecodeMs: number | null; readonly tries: number }
  /** Asks for a `time-passed` at that time. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | {
      readonly kind: 'report-failure'
      readonly failure: Failure
      readonly restMs: number
      readonly ownersBusiness: boolean
    }

interface SessionContext {
  readonly nowMs: number
  /** From 0 to 1, so that many doors do not reconnect at the same time. */
  readonly random: number
  readonly limits: SessionLimits
}

export interface Decision {
  readonly state: SessionState
  readonly effects: readonly SessionEffect[]
}

export interface SessionLimits {
  /** The service ends a connection after 45 minutes; AWS's producers do so after 40. */
  readonly longestConnectionMs: number
  readonly beforeExpiryMs: number
  readonly drainMs: number
  readonly firstRestMs: number
  readonly longestRestMs: number
  /** For what only the owner can fix. */
  readonly longRestMs: number
}

export const sessionLimits: SessionLimits = {
  longestConnectionMs: 40 * 60_000,
  beforeExpiryMs: 2 * 60_000,
  drainMs: 15_000,
  firstRestMs: 500,
  longestRestMs: 30_000,
  longRestMs: 5 * 60_000,
}

export const firstState: SessionState = {
  phase: { name: 'idle' },
  failures: 0,
  askEndpoint: true,
  renewCredentials: false,
}

export function decide(
  state: SessionState,
  event: SessionEvent,
  context: SessionContext,
): Decision {
  if (state.phase.name === 'stopped') return { state, effects: [] }
  switch (event.kind) {
    case 'media-waits':
      return state.phase.name === 'idle' ? prepare(state) : unchanged(state)
    case 'prepared':
      return connect(state, event.credentialsExpireAtMs, context)
    case 'answered':
      return answered(state)
    case 'persisted':
      return unchanged({ ...state, failures: 0 })
    case 'between':
      return between(state, event.next, context)
    case 'failed':
      return failed(state, event, context)
    case 'closed':
      return closed(state, event, context)
    case 'time-passed':
      return timePassed(state, context)
    case 'stop':
      return stop(state)
  }
}

const unchanged = (state: SessionState): Decision => ({ state, effects: [] })

function prepare(state: SessionState): Decision {
  const { askEndpoint, renewCredentials } = state
  return {
    state: { ...state, phase: { name: 'preparing' }, renewCredentials: false },
    effects: [{ kind: 'prepare', askEndpoint, renewCredentials }],
  }
}

/** Rotation is up to a tenth earlier, at most three minutes, as in AWS's producers. */
const largestJitterMs = 3 * 60_000

function connect(
  state: SessionState,
  credentialsExpireAtMs: number,
  { nowMs, random, limits }: SessionContext,
): Decision {
  if (state.phase.name !== 'preparing') return unchanged(state)
  const leftMs = credentialsExpireAtMs - nowMs - limits.beforeExpiryMs
  const longestMs = Math.max(0, Math.min(limits.longestConnectionMs, leftMs))
  const lastsMs = longestMs - random * Math.min(longestMs / 10, largestJitterMs)
  const phase = { name: 'streaming', rotateAtMs: nowMs + lastsMs, isAnswered: false } as const
  return { state: { ...state, phase, askEndpoint: false }, effects: [{ kind: 'connect' }] }
}

function answered(state: SessionState): Decision {
  const { phase } = state
  if (phase.name !== 'streaming' && phase.name !== 'draining') return unchanged(state)
  return unchanged({ ...state, phase: { ...phase, isAnswered: true } })
}

function between(
  state: SessionState,
  next: 'same-track' | 'other-track' | 'nothing',
  { nowMs, limits }: SessionContext,
): Decision {
  const { phase } = state
  if (phase.name !== 'streaming') return unchanged(state)
  if (next === 'same-track' && nowMs < phase.rotateAtMs) return unchanged(state)
  const untilMs = nowMs + limits.drainMs
  return {
    state: { ...state, phase: { name: 'draining', untilMs, isAnswered: phase.isAnswered } },
    effects: [{ kind: 'end-body' }, { kind: 'wake', atMs: untilMs }],
  }
}

const isConnected = ({ phase }: SessionState): boolean =>
  phase.name === 'streaming' || phase.name === 'draining'

function failed(
  state: SessionState,
  { failure, timecodeMs }: Extract<SessionEvent, { kind: 'failed' }>,
  context: SessionContext,
): Decision {
  if (!isConnected(state) && state.phase.name !== 'preparing') return unchanged(state)
  const reaction = reactionTo(failure)
  const { tries, resendAfter, ownersBusiness } = reaction
  const failures = state.failures + 1
  const restMs = restAfter(reaction, failures, context)
  const next: SessionState = {
    ...state,
    failures,
    askEndpoint: state.askEndpoint || reaction.askEndpoint,
    renewCredentials: state.renewCredentials || reaction.renewCredentials,
  }
  const report = { kind: 'report-failure', failure, restMs, ownersBusiness } as const
  if (!isConnected(state)) return rest(next, restMs, context, [report])
  // An error that names no fragment may be about one that was received.
  const after = failure.kind === 'ack' && timecodeMs === null ? 'persisted' : resendAfter
  const blame = tries === null ? [] : [{ kind: 'blame', timecodeMs, tries } as const]
  return {
    state: { ...next, phase: { name: 'closing', restMs } },
    effects: [report, ...blame, { kind: 'rewind', after }, { kind: 'abort' }],
  }
}

/** Errors that need no rest do need one when retrying does not help. */
const freeRetries = 3

function restAfter(
  { rest: kind }: Reaction,
  failures: number,
  { random, limits: { firstRestMs, longestRestMs, longRestMs } }: SessionContext,
): number {
  const jitter = 0.5 + random / 2
  if (kind === 'long') return longRestMs * jitter
  if (kind === 'no' && failures <= freeRetries) return 0
  return Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures - 1, 16)) * jitter
}

function rest(
  state: SessionState,
  restMs: number,
  { nowMs }: SessionContext,
  effects: readonly SessionEffect[],
): Decision {
  const untilMs = nowMs + restMs
  return {
    state: { ...state, phase: { name: 'resting', untilMs } },
    effects: [...effects, { kind: 'wake', atMs: untilMs }],
  }
}

function closed(
  state: SessionState,
  event: Extract<SessionEvent, { kind: 'closed' }>,
  context: SessionContext,
): Decision {
  const { phase } = state
  if (phase.name === 'closing') return rest(state, phase.restMs, context, [])
  if (phase.name === 'streaming') return giveUp(state, { kind: 'ended-early' }, context)
  if (phase.name !== 'draining') return unchanged(state)
  if (!event.isAwaiting) {
    const idle: SessionState = { ...state, phase: { name: 'idle' } }
    return event.mediaWaits ? prepare(idle) : unchanged(idle)
  }
  return giveUp(state, { kind: phase.isAnswered ? 'ended-early' : 'silence' }, context)
}

/** As a failure, but the connection is already closed. */
function giveUp(state: SessionState, failure: Failure, context: SessionContext): Decision {
  const after = failed(state, { kind: 'failed', failure, timecodeMs: null }, context)
  const effects = after.effects.filter(({ kind }) => kind !== 'abort')
  const { phase } = after.state
  return phase.name === 'closing' ? rest(after.state, phase.restMs, context, effects) : after
}

function timePassed(state: SessionState, context: SessionContext): Decision {
  const { phase } = state
  if (phase.name === 'resting' && context.nowMs >= phase.untilMs) return prepare(state)
  if (phase.name !== 'draining' || context.nowMs < phase.untilMs) return unchanged(state)
  const failure: Failure = { kind: 'silence' }
  return failed(state, { kind: 'failed', failure, timecodeMs: null }, context)
}

const stop = (state: SessionState): Decision => ({
  state: { ...state, phase: { name: 'stopped' } },
  effects: isConnected(state) || state.phase.name === 'closing' ? [{ kind: 'abort' }] : [],
})

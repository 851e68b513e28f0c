/**
 * Decides when to be connected to Kinesis Video, and what to do when that goes wrong. One
 * connection at a time: the service refuses a second one to the same stream, so the old one is
 * ended, its last acknowledgement awaited, and only then the next is opened.
 */
import { type Failure, type Reaction, reactionTo } from './failures.ts'

export type Phase =
  /** There is nothing to send. */
  | { readonly name: 'idle' }
  /** Asking for credentials, and where to send to. */
  | { readonly name: 'preparing' }
  | { readonly name: 'streaming'; readonly rotateAtMs: number; readonly isAnswered: boolean }
  /** Everything is said; the last acknowledgements are awaited. */
  | { readonly name: 'draining'; readonly untilMs: number; readonly isAnswered: boolean }
  /** Given up; the connection is not gone yet. */
  | { readonly name: 'closing'; readonly restMs: number }
  | { readonly name: 'resting'; readonly untilMs: number }
  | { readonly name: 'stopped' }

export interface SessionState {
  readonly phase: Phase
  /** In a row, without anything persisted in between. */
  readonly failures: number
  readonly askEndpoint: boolean
  readonly renewCredentials: boolean
}

export type SessionEvent =
  | { readonly kind: 'media-waits' }
  | { readonly kind: 'prepared'; readonly credentialsExpireAtMs: number }
  | { readonly kind: 'answered' }
  | { readonly kind: 'persisted' }
  /** Between two fragments, or with nothing left to send for a while. */
  | { readonly kind: 'between'; readonly next: 'same-track' | 'other-track' | 'nothing' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly timecodeMs: number | null }
  /** The connection is gone, in good order or not. */
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
  /** A `time-passed` is wanted then. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | {
      readonly kind: 'tell-failure'
      readonly failure: Failure
      readonly restMs: number
      readonly ownersBusiness: boolean
    }

export interface SessionMoment {
  readonly nowMs: number
  /** From 0 to 1, so that many doors do not come back at the same instant. */
  readonly chance: number
}

export interface Decision {
  readonly state: SessionState
  readonly effects: readonly SessionEffect[]
}

export interface SessionLimits {
  /** The service ends a connection after 45 minutes; its own producers do after 40. */
  readonly longestConnectionMs: number
  readonly beforeExpiryMs: number
  readonly drainMs: number
  readonly firstRestMs: number
  readonly longestRestMs: number
  /** Where only a person can mend it. */
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
  moment: SessionMoment,
  limits: SessionLimits = sessionLimits,
): Decision {
  if (state.phase.name === 'stopped') return { state, effects: [] }
  switch (event.kind) {
    case 'media-waits':
      return state.phase.name === 'idle' ? prepare(state) : unchanged(state)
    case 'prepared':
      return connect(state, event.credentialsExpireAtMs, moment, limits)
    case 'answered':
      return answered(state)
    case 'persisted':
      return unchanged({ ...state, failures: 0 })
    case 'between':
      return between(state, event.next, moment, limits)
    case 'failed':
      return failed(state, event, moment, limits)
    case 'closed':
      return closed(state, event, moment, limits)
    case 'time-passed':
      return timePassed(state, moment, limits)
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

/** Up to a tenth earlier, three minutes at the most, as the service's own producers do. */
const largestJitterMs = 3 * 60_000

function connect(
  state: SessionState,
  credentialsExpireAtMs: number,
  { nowMs, chance }: SessionMoment,
  limits: SessionLimits,
): Decision {
  if (state.phase.name !== 'preparing') return unchanged(state)
  const leftMs = credentialsExpireAtMs - nowMs - limits.beforeExpiryMs
  const longestMs = Math.max(0, Math.min(limits.longestConnectionMs, leftMs))
  const lastsMs = longestMs - chance * Math.min(longestMs / 10, largestJitterMs)
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
  { nowMs }: SessionMoment,
  limits: SessionLimits,
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
  moment: SessionMoment,
  limits: SessionLimits,
): Decision {
  if (!isConnected(state) && state.phase.name !== 'preparing') return unchanged(state)
  const reaction = reactionTo(failure)
  const { tries, resendAfter, ownersBusiness } = reaction
  const failures = state.failures + 1
  const restMs = restAfter(reaction, failures, moment, limits)
  const next: SessionState = {
    ...state,
    failures,
    askEndpoint: state.askEndpoint || reaction.askEndpoint,
    renewCredentials: state.renewCredentials || reaction.renewCredentials,
  }
  const told = { kind: 'tell-failure', failure, restMs, ownersBusiness } as const
  if (!isConnected(state)) return rest(next, restMs, moment, [told])
  // An error that does not say what it is about may be about something that was received.
  const after = failure.kind === 'ack' && timecodeMs === null ? 'persisted' : resendAfter
  const blame = tries === null ? [] : [{ kind: 'blame', timecodeMs, tries } as const]
  return {
    state: { ...next, phase: { name: 'closing', restMs } },
    effects: [told, ...blame, { kind: 'rewind', after }, { kind: 'abort' }],
  }
}

/** Errors that need no rest still do when nothing comes of trying again. */
const freeRetries = 3

function restAfter(
  { rest: kind }: Reaction,
  failures: number,
  { chance }: SessionMoment,
  { firstRestMs, longestRestMs, longRestMs }: SessionLimits,
): number {
  const jitter = 0.5 + chance / 2
  if (kind === 'long') return longRestMs * jitter
  if (kind === 'no' && failures <= freeRetries) return 0
  return Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures - 1, 16)) * jitter
}

function rest(
  state: SessionState,
  restMs: number,
  { nowMs }: SessionMoment,
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
  moment: SessionMoment,
  limits: SessionLimits,
): Decision {
  const { phase } = state
  if (phase.name === 'closing') return rest(state, phase.restMs, moment, [])
  if (phase.name === 'streaming') return giveUp(state, { kind: 'ended-early' }, moment, limits)
  if (phase.name !== 'draining') return unchanged(state)
  if (!event.isAwaiting) {
    const idle: SessionState = { ...state, phase: { name: 'idle' } }
    return event.mediaWaits ? prepare(idle) : unchanged(idle)
  }
  return giveUp(state, { kind: phase.isAnswered ? 'ended-early' : 'silence' }, moment, limits)
}

/** As a failure, but the connection is gone already. */
function giveUp(
  state: SessionState,
  failure: Failure,
  moment: SessionMoment,
  limits: SessionLimits,
): Decision {
  const after = failed(state, { kind: 'failed', failure, timecodeMs: null }, moment, limits)
  const effects = after.effects.filter(({ kind }) => kind !== 'abort')
  const { phase } = after.state
  return phase.name === 'closing' ? rest(after.state, phase.restMs, moment, effects) : after
}

function timePassed(state: SessionState, moment: SessionMoment, limits: SessionLimits): Decision {
  const { phase } = state
  if (phase.name === 'resting' && moment.nowMs >= phase.untilMs) return prepare(state)
  if (phase.name !== 'draining' || moment.nowMs < phase.untilMs) return unchanged(state)
  const failure: Failure = { kind: 'silence' }
  return failed(state, { kind: 'failed', failure, timecodeMs: null }, moment, limits)
}

const stop = (state: SessionState): Decision => ({
  state: { ...state, phase: { name: 'stopped' } },
  effects: isConnected(state) || state.phase.name === 'closing' ? [{ kind: 'abort' }] : [],
})

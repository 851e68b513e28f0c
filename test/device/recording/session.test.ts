/** The decisions of the upload session, for every event and in any order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ackErrors,
  type Failure,
  httpErrors,
  reactionTo,
} from '../../../device/recording/core/failures.ts'
import {
  decide,
  firstState,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  sessionLimits,
} from '../../../device/recording/core/session.ts'

const context = (nowMs = 0) => ({ nowMs, random: 0.5, limits: sessionLimits })

function through(events: readonly SessionEvent[], nowMs = 0) {
  let state: SessionState = firstState
  const effects: SessionEffect[] = []
  for (const event of events) {
    const decision = decide(state, event, context(nowMs))
    state = decision.state
    effects.push(...decision.effects)
  }
  return { state, effects, kinds: effects.map(({ kind }) => kind) }
}

const hourMs = 3_600_000
const connected: readonly SessionEvent[] = [
  { kind: 'media-waits' },
  { kind: 'prepared', credentialsExpireAtMs: hourMs },
  { kind: 'answered' },
]
const failing = (failure: Failure, timecodeMs: number | null = 7) =>
  ({ kind: 'failed', failure, timecodeMs }) as const

describe('a connection', () => {
  it('is opened when there is something to send, and ended when there is nothing more', () => {
    const { kinds, state } = through([
      ...connected,
      { kind: 'between', next: 'same-track' },
      { kind: 'between', next: 'nothing' },
      { kind: 'closed', isAwaiting: false, mediaWaits: false },
    ])
    expect(kinds).toEqual(['prepare', 'connect', 'end-body', 'wake'])
    expect(state.phase.name).toBe('idle')
  })

  it.each([
    ['the service would end it', hourMs * 2, 40 * 60_000],
    ['the credentials end', 10 * 60_000, 8 * 60_000],
  ])('ends before %s, up to a tenth earlier', (_, credentialsExpireAtMs, latestMs) => {
    const { state } = through([
      { kind: 'media-waits' },
      { kind: 'prepared', credentialsExpireAtMs },
    ])
    if (state.phase.name !== 'streaming') throw new Error('it is not streaming')
    const { rotateAtMs } = state.phase
    expect(rotateAtMs).toBeLessThanOrEqual(latestMs)
    expect(rotateAtMs).toBeGreaterThanOrEqual(latestMs * 0.9)
    const at = (nowMs: number) =>
      decide(state, { kind: 'between', next: 'same-track' }, context(nowMs)).effects
    expect(at(rotateAtMs - 1)).toEqual([])
    expect(at(rotateAtMs)).toMatchObject([{ kind: 'end-body' }, { kind: 'wake' }])
  })
})

/** The reaction, in short words for the tables below. */
function reactionIn(failure: Failure): string {
  const { resendAfter, rest, tries, askEndpoint, renewCredentials, ownersBusiness } =
    reactionTo(failure)
  const flags = [
    ...(askEndpoint ? ['endpoint'] : []),
    ...(renewCredentials ? ['credentials'] : []),
    ...(ownersBusiness ? ['owner'] : []),
  ]
  return [resendAfter, rest, tries ?? '-', ...flags].join(' ')
}

describe('the reaction to every error', () => {
  it.each([
    [4000, 'received growing -'],
    [4001, 'received no 1'],
    [4002, 'received no 1'],
    [4003, 'received no -'],
    [4004, 'received no 3'],
    [4005, 'received no 2'],
    [4006, 'received no 2'],
    [4007, 'received growing 3'],
    [4008, 'persisted long - endpoint owner'],
    [4009, 'received no 1'],
    [4010, 'received no 2'],
    [4011, 'received no 2'],
    [4012, 'received no 2'],
    [4500, 'persisted long - owner'],
    [4501, 'persisted long - owner'],
    [4502, 'persisted long - owner'],
    [4503, 'persisted growing -'],
    [4504, 'persisted long - owner'],
    [4505, 'persisted long - owner'],
    [4506, 'persisted long - owner'],
    [4507, 'persisted long - endpoint owner'],
    [5000, 'persisted growing -'],
    [5001, 'persisted growing -'],
    [4999, 'persisted growing -'],
  ])('acknowledgement %i: %s', (errorId, reaction) => {
    expect(reactionIn({ kind: 'ack', errorId })).toBe(reaction)
  })

  it.each([
    [400, 'ClientLimitExceededException', 'received growing -'],
    [400, 'ConnectionLimitExceededException', 'received growing -'],
    [400, 'InvalidArgumentException', 'received long - owner'],
    [400, 'InvalidEndpointException', 'received growing - endpoint'],
    [401, 'NotAuthorizedException', 'received growing - credentials'],
    [404, 'ResourceNotFoundException', 'received long - endpoint owner'],
    [403, null, 'received growing - credentials'],
    [429, null, 'received growing -'],
    [500, null, 'received growing -'],
    [503, null, 'received growing -'],
    [418, null, 'received long - owner'],
  ])('HTTP %i %s: %s', (status, code, reaction) => {
    expect(reactionIn({ kind: 'http', status, code })).toBe(reaction)
  })

  it.each([
    [{ kind: 'network', code: 'ECONNRESET' }, 'persisted growing - endpoint'],
    [{ kind: 'silence' }, 'persisted growing -'],
    [{ kind: 'ended-early' }, 'persisted growing -'],
    [{ kind: 'no-credentials' }, 'received growing - credentials'],
  ] as const)('%o: %s', (failure, reaction) => {
    expect(reactionIn(failure)).toBe(reaction)
  })

  it('after every error there is another connection', () => {
    const failures: Failure[] = [
      ...[...ackErrors.keys()].map((errorId) => ({ kind: 'ack', errorId }) as const),
      ...[...httpErrors.keys()].map((code) => ({ kind: 'http', status: 400, code }) as const),
      ...([
        { kind: 'network', code: 'ECONNREFUSED' },
        { kind: 'silence' },
        { kind: 'ended-early' },
      ] as const),
    ]
    for (const failure of failures) {
      const { kinds, state } = through([
        ...connected,
        failing(failure),
        { kind: 'closed', isAwaiting: true, mediaWaits: true },
      ])
      expect(kinds).toContain('rewind')
      expect(kinds).toContain('abort')
      expect(state.phase.name).toBe('resting')
      const untilMs = state.phase.name === 'resting' ? state.phase.untilMs : 0
      expect(untilMs).toBeLessThanOrEqual(sessionLimits.longRestMs)
      expect(decide(state, { kind: 'time-passed' }, context(untilMs)).effects).toMatchObject([
        { kind: 'prepare' },
      ])
    }
  })

  it('rests grow to half a minute, and start again after a success', () => {
    let state = firstState
    const rests: number[] = []
    const round: readonly SessionEvent[] = [
      ...connected,
      failing({ kind: 'network', code: 'ECONNRESET' }),
      { kind: 'closed', isAwaiting: true, mediaWaits: true },
    ]
    const go = (events: readonly SessionEvent[], nowMs: number) => {
      for (const event of events) {
        const decision = decide(state, event, context(nowMs))
        state = decision.state
        for (const effect of decision.effects)
          if (effect.kind === 'report-failure') rests.push(effect.restMs)
      }
    }
    for (let turn = 0; turn < 10; turn += 1) {
      go(turn === 0 ? round : [{ kind: 'time-passed' }, ...round], turn * hourMs)
    }
    expect(rests.map((rest) => rest / 0.75)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
    ])
    go([{ kind: 'time-passed' }, ...connected, { kind: 'persisted' }, ...round], 11 * hourMs)
    expect(rests.at(-1)).toBe(375)
  })
})

const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.constantFrom<SessionEvent>(
    { kind: 'media-waits' },
    { kind: 'answered' },
    { kind: 'persisted' },
    { kind: 'time-passed' },
    { kind: 'between', next: 'same-track' },
    { kind: 'between', next: 'other-track' },
    { kind: 'between', next: 'nothing' },
    { kind: 'closed', isAwaiting: true, mediaWaits: true },
    { kind: 'closed', isAwaiting: false, mediaWaits: true },
    { kind: 'closed', isAwaiting: false, mediaWaits: false },
  ),
  fc
    .integer({ min: 0, max: hourMs })
    .map((ms): SessionEvent => ({ kind: 'prepared', credentialsExpireAtMs: ms })),
  fc
    .constantFrom(...ackErrors.keys())
    .map((errorId): SessionEvent => failing({ kind: 'ack', errorId })),
  fc
    .constantFrom(...httpErrors.keys())
    .map((code): SessionEvent => failing({ kind: 'http', status: 400, code })),
  fc.constantFrom<SessionEvent>(
    failing({ kind: 'silence' }),
    failing({ kind: 'network', code: 'EPIPE' }),
  ),
)

it('there is never a second connection beside the first, in any order of events', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let state: SessionState = firstState
      let open = 0
      for (const [at, event] of events.entries()) {
        const decision = decide(state, event, context(at * 1_000))
        state = decision.state
        // Only an open connection can be closed.
        if (event.kind === 'closed') open = 0
        for (const effect of decision.effects) {
          if (effect.kind === 'connect') open += 1
          if (effect.kind === 'prepare') expect(open).toBe(0)
        }
        expect(open).toBeLessThanOrEqual(1)
      }
    }),
  )
})

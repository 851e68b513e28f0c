import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ClockSource,
  confirmedByCloud,
  confirmedLocally,
  earliestNowMs,
  isConfirmed,
  type LocalClock,
  marked,
  type TrustedTime,
  unsetTime,
  wasEverSet,
} from '../../../device/core/time/trusted-time.ts'

const noonMs = Date.UTC(2026, 5, 1, 12)
const hourMs = 3_600_000

const host = (atMs: number): LocalClock => ({ atMs, source: 'host' })

const noonAt = (uptimeMs: number, confirmedBy: ClockSource | null = 'host'): TrustedTime => ({
  highWaterMs: noonMs,
  markedAtUptimeMs: uptimeMs,
  confirmedBy,
  aheadOfCloudMs: 0,
})

describe('the time', () => {
  test('runs on from its mark', () => {
    expect(earliestNowMs(noonAt(5_000), 5_000)).toBe(noonMs)
    expect(earliestNowMs(noonAt(5_000), 5_000 + hourMs)).toBe(noonMs + hourMs)
  })

  test('stands still rather than go back, should the running time be behind its mark', () => {
    expect(earliestNowMs(noonAt(5_000), 4_000)).toBe(noonMs)
  })

  test('is unconfirmed, and later than any door is old, on a door that never ran', () => {
    expect(isConfirmed(unsetTime)).toBe(false)
    expect(earliestNowMs(unsetTime, 0)).toBe(Date.UTC(2026, 0, 1))
  })

  test('is not changed by being marked', () => {
    const later = marked(noonAt(0), hourMs)
    expect(later).toEqual({
      highWaterMs: noonMs + hourMs,
      markedAtUptimeMs: hourMs,
      confirmedBy: 'host',
      aheadOfCloudMs: 0,
    })
    expect(marked(noonAt(0, null), hourMs).confirmedBy).toBe(null)
  })
})

describe('a local clock', () => {
  test('may say that it is later', () => {
    const time = confirmedLocally(noonAt(0, null), host(noonMs + hourMs), 1_000)
    expect(time.confirmedBy).toBe('host')
    expect(earliestNowMs(time, 1_000)).toBe(noonMs + hourMs)
  })

  test('is believed, but not followed, when it says that it is earlier', () => {
    const time = confirmedLocally(noonAt(0, null), host(noonMs - hourMs), 1_000)
    expect(time.confirmedBy).toBe('host')
    expect(earliestNowMs(time, 1_000)).toBe(noonMs + 1_000)
  })
})

describe('the cloud', () => {
  test('outranks a local clock, which may lead the time a little', () => {
    const time = confirmedLocally(confirmedByCloud(noonMs, 0), host(noonMs + 3_000), 1_000)
    expect(time).toMatchObject({ confirmedBy: 'cloud', aheadOfCloudMs: 2_000 })
    expect(earliestNowMs(time, 1_000)).toBe(noonMs + 3_000)
  })

  test('may also say that it is earlier', () => {
    const time = confirmedByCloud(noonMs - hourMs, 1_000)
    expect(time.confirmedBy).toBe('cloud')
    expect(earliestNowMs(time, 1_000)).toBe(noonMs - hourMs)
  })
})

describe('a door that was never told the time', () => {
  test('is known as such, however long it runs and however often it is restarted', () => {
    const later = marked({ ...marked(unsetTime, hourMs), confirmedBy: null }, 9_000 * hourMs)
    expect(wasEverSet(unsetTime)).toBe(false)
    expect(wasEverSet(later)).toBe(false)
  })

  test('is not one any more once anybody has told it, not even after a restart', () => {
    for (const told of [
      confirmedLocally(unsetTime, host(noonMs), hourMs),
      confirmedByCloud(noonMs, hourMs),
    ]) {
      expect(wasEverSet(told)).toBe(true)
      expect(wasEverSet(marked({ ...told, confirmedBy: null }, 100 * hourMs))).toBe(true)
    }
  })
})

// ---------------------------------------------------------------- whatever happens

type Step =
  | { readonly kind: 'pass' | 'mark' | 'restart'; readonly ms: number }
  | { readonly kind: 'local' | 'cloud'; readonly atMs: number }

const atMs = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) })
const localStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('pass' as const, 'mark' as const, 'restart' as const),
    ms: fc.nat({ max: 48 * hourMs }),
  }),
  fc.record({ kind: fc.constant('local' as const), atMs }),
)
const cloudStep: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('cloud' as const), atMs })
const many = { minLength: 5, maxLength: 60, size: 'max' } as const

/** Plays the steps and shows what time it was before and after each. */
function play(
  steps: readonly Step[],
  look: (beforeMs: number, afterMs: number, step: Step, time: TrustedTime) => void,
): void {
  let time = unsetTime
  let uptimeMs = 0
  for (const step of steps) {
    const beforeMs = earliestNowMs(time, uptimeMs)
    if (step.kind === 'pass' || step.kind === 'mark') uptimeMs += step.ms
    if (step.kind === 'mark') time = marked(time, uptimeMs)
    if (step.kind === 'local') time = confirmedLocally(time, host(step.atMs), uptimeMs)
    if (step.kind === 'cloud') time = confirmedByCloud(step.atMs, uptimeMs)
    if (step.kind === 'restart') {
      // Off for a while: the running time goes on where it was last written down.
      time = { ...marked(time, uptimeMs), confirmedBy: null }
    }
    look(beforeMs, earliestNowMs(time, uptimeMs), step, time)
  }
}

describe('in any sequence of events', () => {
  test('without the cloud the time never goes back', () => {
    fc.assert(
      fc.property(fc.array(localStep, many), (steps) => {
        play(steps, (beforeMs, afterMs) => expect(afterMs).toBeGreaterThanOrEqual(beforeMs))
      }),
    )
  })

  test('it goes back only when the cloud says so, and then to what the cloud says', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(localStep, cloudStep), many), (steps) => {
        play(steps, (beforeMs, afterMs, step) => {
          if (step.kind === 'cloud') expect(afterMs).toBe(step.atMs)
          else expect(afterMs).toBeGreaterThanOrEqual(beforeMs)
        })
      }),
    )
  })

  test('it is known only after somebody has confirmed it since the start', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(localStep, cloudStep), many), (steps) => {
        let known = false
        play(steps, (_, __, { kind }, time) => {
          if (kind === 'local' || kind === 'cloud') known = true
          if (kind === 'restart') known = false
          expect(isConfirmed(time)).toBe(known)
        })
      }),
    )
  })

  test('what had expired by a local clock stays expired', () => {
    fc.assert(
      fc.property(fc.array(localStep, many), atMs, (steps, expiresAtMs) => {
        let expired = false
        play(steps, (_, afterMs) => {
          if (expired) expect(afterMs).toBeGreaterThanOrEqual(expiresAtMs)
          expired = afterMs >= expiresAtMs
        })
      }),
    )
  })
})

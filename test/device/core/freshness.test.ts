import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CommandStamp,
  freshness,
  noCommands,
  type SeenCommands,
  withFresh,
  withRevokedAhead,
  withSeq,
} from '../../../device/core/door/freshness.ts'
import { longestCommandLifeMs } from '../../../protocol/messages/cloud.ts'

const nowMs = Date.UTC(2026, 5, 1, 12)
const nonceOf = (number: number): string => number.toString(16).padStart(32, '0')
const command = (change: Partial<CommandStamp> = {}): CommandStamp => ({
  seq: 7,
  nonce: nonceOf(7),
  expiresAtMs: nowMs + 5_000,
  ...change,
})

describe('a command', () => {
  test('that is new, numbered and in time is carried out', () => {
    expect(freshness(command(), noCommands, nowMs, true)).toBe(null)
  })

  test.each([
    ['in its last moment', nowMs, null],
    ['a moment too late', nowMs - 1, 'expired'],
    [
      'at the longest life, by a clock that is a second ahead',
      nowMs + longestCommandLifeMs + 1_000,
      null,
    ],
    ['with a longer life', nowMs + longestCommandLifeMs + 1_001, 'too-long-lived'],
    ['from long ago', 1, 'expired'],
  ])('%s', (_, expiresAtMs, reason) => {
    expect(freshness(command({ expiresAtMs }), noCommands, nowMs, true)).toBe(reason)
  })

  test('waits for nothing when the time is not known', () => {
    expect(freshness(command(), noCommands, nowMs, false)).toBe('clock-unknown')
  })

  test.each([
    ['again', {}],
    ['again under a later number', { seq: 8 }],
    ['again under another one-time word', { nonce: nonceOf(8) }],
    ['after a later one', { seq: 6, nonce: nonceOf(6) }],
  ])('does not work %s', (_, change) => {
    const seen = withFresh(noCommands, command(), nowMs)
    expect(freshness(command(change), seen, nowMs, true)).toBe('repeated')
  })

  test('is not in the way of the next one', () => {
    const seen = withFresh(noCommands, command(), nowMs)
    expect(freshness(command({ seq: 8, nonce: nonceOf(8) }), seen, nowMs, true)).toBe(null)
  })

  test('that was never carried out may still be overtaken by others that need no freshness', () => {
    const seen = withSeq(noCommands, 50)
    expect(seen.lastSeq).toBe(50)
    expect(freshness(command(), seen, nowMs, true)).toBe(null)
  })
})

describe('what is remembered of commands', () => {
  test('the highest number, whatever the order', () => {
    expect(withSeq(withSeq(noCommands, 5), 3).lastSeq).toBe(5)
    expect(withFresh(withSeq(noCommands, 9), command(), nowMs)).toMatchObject({
      lastSeq: 9,
      lastFreshSeq: 7,
    })
  })

  test('nothing new for an old number, so that nothing has to be written', () => {
    const seen = withSeq(noCommands, 5)
    expect(withSeq(seen, 5)).toBe(seen)
  })

  test('one-time words only as long as they could be used again', () => {
    const first = withFresh(noCommands, command(), nowMs)
    const second = command({ seq: 8, nonce: nonceOf(8), expiresAtMs: nowMs + 9_000 })
    expect(withFresh(first, second, nowMs + 5_000).nonces).toHaveLength(2)
    expect(withFresh(first, second, nowMs + 5_001).nonces).toEqual([
      { nonce: second.nonce, expiresAtMs: second.expiresAtMs },
    ])
  })

  test('revocations that came before their grants, the last fifty', () => {
    let seen: SeenCommands = noCommands
    for (let number = 1; number <= 60; number += 1) {
      expect(seen.grantsSettledUpToSeq).toBe(number <= 51 ? 0 : number - 1)
      seen = withRevokedAhead(seen, nonceOf(number), number)
    }
    expect(seen.revokedAhead).toHaveLength(50)
    expect(seen.revokedAhead.at(-1)).toBe(nonceOf(60))
    expect(seen.revokedAhead).not.toContain(nonceOf(10))
  })

  test('a revocation that is delivered again pushes no other out', () => {
    let seen = withRevokedAhead(noCommands, nonceOf(1), 1)
    for (let times = 0; times < 60; times += 1) seen = withRevokedAhead(seen, nonceOf(2), 2)
    expect(seen.revokedAhead).toEqual([nonceOf(1), nonceOf(2)])
  })

  test('nothing of one kind is lost when another is added', () => {
    const seen = withRevokedAhead(withSeq(noCommands, 3), nonceOf(1), 3)
    expect(withFresh(seen, command(), nowMs).revokedAhead).toEqual([nonceOf(1)])
    expect(withSeq(seen, 4).revokedAhead).toEqual([nonceOf(1)])
  })
})

interface Delivery extends CommandStamp {
  readonly afterMs: number
}

/** A few commands, delivered late, twice or out of order by a hostile network. */
const anyDeliveries: fc.Arbitrary<Delivery[]> = fc
  .array(
    fc.record({
      seq: fc.integer({ min: 1, max: 8 }),
      afterMs: fc.nat({ max: 3_000 }),
    }),
    { minLength: 5, maxLength: 60, size: 'max' },
  )
  .map((list) =>
    list.map(({ seq, afterMs }) => ({
      seq,
      afterMs,
      nonce: nonceOf(seq),
      expiresAtMs: nowMs + seq * 4_000,
    })),
  )

describe('however a network delivers commands', () => {
  function play(
    deliveries: readonly Delivery[],
    look: (delivery: Delivery, atMs: number, reason: string | null, seen: SeenCommands) => void,
    setBackByMs = 0,
  ) {
    let seen = noCommands
    let atMs = nowMs
    for (const [place, delivery] of deliveries.entries()) {
      atMs += delivery.afterMs - (place % 10 === 9 ? setBackByMs : 0)
      const reason = freshness(delivery, seen, atMs, true)
      look(delivery, atMs, reason, seen)
      if (reason === null) seen = withFresh(seen, delivery, atMs)
    }
  }

  test.each([
    ['the clock running on', 0],
    ['the clock being set back now and then', 20_000],
  ])('each is carried out once at most, with %s', (_, setBackByMs) => {
    fc.assert(
      fc.property(anyDeliveries, (deliveries) => {
        const done: number[] = []
        play(
          deliveries,
          ({ seq }, __, reason) => {
            if (reason === null) done.push(seq)
          },
          setBackByMs,
        )
        expect(done).toEqual([...new Set(done)].sort((a, b) => a - b))
      }),
    )
  })

  test('none is carried out late, or with more than eleven seconds to live', () => {
    fc.assert(
      fc.property(anyDeliveries, (deliveries) => {
        play(deliveries, ({ expiresAtMs }, atMs, reason) => {
          if (reason !== null) return
          expect(expiresAtMs).toBeGreaterThanOrEqual(atMs)
          expect(expiresAtMs - atMs).toBeLessThanOrEqual(11_000)
        })
      }),
    )
  })

  test('what is remembered stays small', () => {
    fc.assert(
      fc.property(anyDeliveries, (deliveries) => {
        play(deliveries, (_, __, ___, seen) => expect(seen.nonces.length).toBeLessThan(8))
      }),
    )
  })
})

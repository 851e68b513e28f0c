import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isCurrent,
  isProof,
  type Presence,
  parsePresence,
  presenceProof,
  presenceWindow,
  presenceWindowMs,
} from '../../protocol/presence.ts'

/** Bytes 0 to 31. The proofs below were computed by Python's `hmac`. */
const key = Uint8Array.from({ length: 32 }, (_, at) => at)

const examples: readonly (readonly [Presence, string])[] = [
  [
    {
      doorId: 'maple-street_front',
      visitId: '00112233445566778899aabbccddeeff',
      visitNumber: 42,
      window: 59_666_666,
    },
    'maple-street_front.ABEiM0RVZneImaq7zN3u_w.42.ziv3e.97VMSNXMfy9p-HCNgtEiiQ',
  ],
  [
    { doorId: 'a_b', visitId: 'f'.repeat(32), visitNumber: 999, window: 1 },
    'a_b._____________________w.999.1.iSmuhdZOZXY4wGzZF68IHg',
  ],
]
const [[presence, text]] = examples as [[Presence, string]]

const anyPresence = fc.record({
  doorId: fc.stringMatching(/^[\w-]{1,64}$/),
  visitId: fc.stringMatching(/^[0-9a-f]{32}$/),
  visitNumber: fc.integer({ min: 1, max: 999 }),
  window: fc.integer({ min: 1, max: 99_999_999 }),
})

describe('a proof of presence', () => {
  test.each(examples)('of %j equals an independently computed one', (given, proof) => {
    expect(presenceProof(key, given)).toBe(proof)
  })

  test('is read as what it was made of, and is proof under its own key only', () => {
    const otherKey = randomBytes(32)
    fc.assert(
      fc.property(anyPresence, (given) => {
        const read = parsePresence(presenceProof(key, given))
        expect(read).toMatchObject(given)
        expect(read && isProof(key, read)).toBe(true)
        expect(read && isProof(otherKey, read)).toBe(false)
      }),
    )
  })

  test('is none for another door, visit, number or window', () => {
    const read = parsePresence(text)
    if (!read) throw new Error('The example is not read.')
    const changes = [
      { doorId: 'maple-street_back' },
      { visitId: 'f'.repeat(32) },
      { visitNumber: 43 },
      { window: presence.window + 1 },
      { mac: 'A'.repeat(22) },
      { mac: '' },
    ]
    for (const change of changes) expect(isProof(key, { ...read, ...change })).toBe(false)
  })

  test.each([
    '',
    text.slice(1).replace('.', ''),
    `${text}A`,
    text.slice(0, -1),
    `${text}.1`,
    text.replace('.42.', '.042.'),
    text.replace('.42.', '.1000.'),
    text.replace('ziv3e', '0ziv3e'),
    text.replace('ziv3e', 'ZIV3E'),
    text.replace('maple-street_front', 'a/b'),
  ])('is not read from %j', (spoilt) => {
    expect(parsePresence(spoilt)).toBe(null)
  })
})

describe('the time of a proof', () => {
  const startMs = presence.window * presenceWindowMs
  test.each([
    [-5_001, false],
    [-5_000, true],
    [0, true],
    [presenceWindowMs, true],
    [2 * presenceWindowMs - 1, true],
    [2 * presenceWindowMs, false],
    [3_600_000, false],
  ])('%d ms after it was first shown: %s', (afterMs, isGood) => {
    expect(isCurrent(presence, startMs + afterMs)).toBe(isGood)
  })

  test('counts windows of half a minute', () => {
    expect(presenceWindow(startMs - 1)).toBe(presence.window - 1)
    expect(presenceWindow(startMs)).toBe(presence.window)
    expect(presenceWindow(startMs + presenceWindowMs - 1)).toBe(presence.window)
  })
})

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  derivePasscode,
  doorKeyBytes,
  passcodeDigits,
  passcodeTag,
} from '../../protocol/passcode.ts'
import { runs } from '../support/effort.ts'
import { goldenFolder } from './golden-samples.ts'

const vectors = z.parse(
  z.array(
    z.strictObject({
      doorKey: z.string(),
      grantId: z.string(),
      codes: z.array(z.string()),
      tags: z.array(z.string()),
    }),
  ),
  JSON.parse(readFileSync(join(goldenFolder, 'passcodes.json'), 'utf8')),
)

const idOf = (number: number): string => number.toString(16).padStart(32, '0')
const anyKey = fc.uint8Array({ minLength: doorKeyBytes, maxLength: doorKeyBytes })
const anyGrantId = fc.stringMatching(/^[0-9a-f]{32}$/)
const anyDigits = fc.constantFrom(...passcodeDigits)

describe('the passcode of a grant', () => {
  test.each(vectors)('$grantId under $doorKey equals an independently computed code', (vector) => {
    const key = Buffer.from(vector.doorKey, 'hex')
    expect(key).toHaveLength(doorKeyBytes)
    const codes = passcodeDigits.map((digits) => derivePasscode(key, vector.grantId, digits))
    expect(codes).toEqual(vector.codes)
    expect(codes.map((code) => passcodeTag(key, code).toString('hex'))).toEqual(vector.tags)
  })

  test('keeps its leading zeros', () => {
    const zeros = vectors.flatMap(({ codes }) => codes.filter((code) => code.startsWith('000')))
    expect(zeros).toEqual(['000061', '0009757', '00086826'])
  })

  test('has as many digits as requested for any grant', () => {
    fc.assert(
      fc.property(anyKey, anyGrantId, anyDigits, (key, grantId, digits) => {
        expect(derivePasscode(key, grantId, digits)).toMatch(new RegExp(`^[0-9]{${digits}}$`))
      }),
    )
  })

  test('is the same every time', () => {
    fc.assert(
      fc.property(anyKey, anyGrantId, anyDigits, (key, grantId, digits) => {
        const code = derivePasscode(key, grantId, digits)
        expect(derivePasscode(Buffer.from(key), grantId, digits)).toBe(code)
      }),
    )
  })

  test.each([
    ['for another door', (_: number) => ({ grantId: idOf(1) })],
    ['for another grant', (at: number) => ({ grantId: idOf(at) })],
  ])('differs %s', (what, change) => {
    const codes = Array.from({ length: 1_000 }, (_, at) => {
      const key = Buffer.alloc(doorKeyBytes, what === 'for another door' ? `door ${at};` : 'one')
      return derivePasscode(key, change(at).grantId, 8)
    })
    // A thousand out of a hundred million: two are equal by chance in one of 200 samples.
    expect(new Set(codes).size).toBeGreaterThanOrEqual(999)
  })
})

// ---------------------------------------------------------------- evenness

/** How far counts are from even. By chance alone it is about the number of counts. */
function chiSquare(counts: Uint32Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const expected = total / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** Chi-square exceeds this in one of ten thousand fair trials (Wilson and Hilferty's approximation). */
function fairBelow(counts: Uint32Array): number {
  const freedom = counts.length - 1
  const oneInTenThousand = 3.719
  const spread = 2 / (9 * freedom)
  return freedom * (1 - spread + oneInTenThousand * Math.sqrt(spread)) ** 3
}

/** The keys and grants are fixed, so a larger sample proves more but never differs between runs. */
const samples = runs(50_000, 1_000_000)

describe(`${samples} passcodes`, () => {
  const key = Buffer.alloc(doorKeyBytes, 'even')
  const firstThree = new Uint32Array(1_000)
  const lastThree = new Uint32Array(1_000)
  const eachDigit = Array.from({ length: 6 }, () => new Uint32Array(10))
  const add = (counts: Uint32Array, at: number) => {
    counts[at] = (counts[at] ?? 0) + 1
  }

  beforeAll(() => {
    for (let number = 0; number < samples; number += 1) {
      const code = derivePasscode(key, idOf(number), 6)
      add(firstThree, Number(code.slice(0, 3)))
      add(lastThree, Number(code.slice(3)))
      for (const [place, counts] of eachDigit.entries()) add(counts, Number(code[place]))
    }
  })

  test('begin and end evenly', () => {
    expect(chiSquare(firstThree)).toBeLessThan(fairBelow(firstThree))
    expect(chiSquare(lastThree)).toBeLessThan(fairBelow(lastThree))
  })

  test('have every digit equally often in every place', () => {
    for (const counts of eachDigit) expect(chiSquare(counts)).toBeLessThan(fairBelow(counts))
  })

  test('would be uneven if they were cut from too few bits', () => {
    const uneven = new Uint32Array(1_000)
    for (let number = 0; number < samples; number += 1) {
      const digest = createHmac('sha256', key).update(String(number)).digest()
      // 2^20 is a little more than a million: the remainder falls on the lowest codes.
      add(uneven, Math.floor(((digest.readUIntBE(0, 3) >> 4) % 1_000_000) / 1_000))
    }
    expect(chiSquare(uneven)).toBeGreaterThan(fairBelow(uneven))
  })
})

// ---------------------------------------------------------------- tags

describe('the tag under which a code is stored', () => {
  test('differs for every code and every door', () => {
    fc.assert(
      fc.property(anyKey, anyKey, fc.stringMatching(/^[0-9]{6,8}$/), (one, other, code) => {
        const tag = passcodeTag(one, code).toString('hex')
        expect(tag).toHaveLength(64)
        expect(passcodeTag(one, `${code}0`).toString('hex')).not.toBe(tag)
        const same = Buffer.from(one).equals(other)
        expect(passcodeTag(other, code).toString('hex') === tag).toBe(same)
      }),
    )
  })

  test('distinguishes a code with a leading zero from the one without', () => {
    const key = Buffer.alloc(doorKeyBytes, 'zero')
    expect(passcodeTag(key, '012345')).not.toEqual(passcodeTag(key, '12345'))
  })

  /** The first digits of a tag, made into a code the way a passcode is made. */
  const asCode = (digest: Buffer) =>
    (digest.readBigUInt64BE(0) % 100_000_000n).toString().padStart(8, '0')

  test('never reveals the passcode of a grant, for any tagged text', () => {
    const anyText = fc.oneof(
      anyGrantId,
      anyGrantId.map((grantId) => `passcode ${grantId}`),
      fc.string(),
    )
    fc.assert(
      fc.property(anyKey, anyGrantId, anyText, (key, grantId, text) => {
        const digest = createHmac('sha256', key).update(`passcode ${grantId}`).digest()
        // Passcodes are cut from this digest …
        expect(asCode(digest)).toBe(derivePasscode(key, grantId, 8))
        // … and no tag equals it.
        expect(passcodeTag(key, text).equals(digest)).toBe(false)
        expect(passcodeTag(key, grantId).equals(digest)).toBe(false)
      }),
    )
  })
})

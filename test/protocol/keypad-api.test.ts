import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  bellRequestSchema,
  codeAnswerSchema,
  codeRequestSchema,
  keypadStateSchema,
} from '../../protocol/keypad-api.ts'

const takes = (schema: z.ZodMiniType, value: unknown) => z.safeParse(schema, value).success

describe('a typed code', () => {
  test.each(['0000', '000000', '1234567', '99999999', '123456789012'])('may be %s', (code) => {
    expect(takes(codeRequestSchema, { code })).toBe(true)
  })

  test.each([
    ['too short', { code: '123' }],
    ['too long', { code: '12345678901234567' }],
    ['a number', { code: 123456 }],
    ['with a letter', { code: '12345a' }],
    ['with a space', { code: ' 123456' }],
    ['with a line after it', { code: '123456\n' }],
    ['in other digits', { code: '١٢٣٤٥٦' }],
    ['negative', { code: '-12345' }],
    ['in a list', { code: ['123456'] }],
    ['missing', {}],
    ['with something else', { code: '123456', door: 'front-door' }],
    ['not in an object', '123456'],
    ['nothing', null],
  ])('may not be %s', (_, value) => {
    expect(takes(codeRequestSchema, value)).toBe(false)
  })
})

test('a bell carries nothing', () => {
  expect(takes(bellRequestSchema, {})).toBe(true)
  for (const value of [{ visitId: 'x' }, [], null, 'ring']) {
    expect(takes(bellRequestSchema, value), JSON.stringify(value)).toBe(false)
  }
})

describe('the answer to a code', () => {
  const accepted = {
    outcome: 'accepted',
    visitorName: 'Tilda Beispiel',
    language: 'de',
    unlockedForMs: 5_000,
  }

  test.each([
    [accepted],
    [{ ...accepted, visitorName: '' }],
    [{ outcome: 'denied', pausedForMs: 0 }],
    [{ outcome: 'not-opened', language: 'de' }],
    [{ outcome: 'paused', pausedForMs: 60_000 }],
  ])('may be %j', (answer) => {
    expect(takes(codeAnswerSchema, answer)).toBe(true)
  })

  test.each([
    ['a hint why', { outcome: 'denied', pausedForMs: 0, reason: 'expired' }],
    ['how many tries are left', { outcome: 'denied', pausedForMs: 0, triesLeft: 3 }],
    ['whose code it was', { outcome: 'denied', pausedForMs: 0, visitorName: 'Tilda Beispiel' }],
    ['the code', { ...accepted, code: '123456' }],
    ['an outcome that does not exist', { outcome: 'expired', pausedForMs: 0 }],
    ['a language that does not exist', { ...accepted, language: 'it' }],
    ['less than it should', { outcome: 'denied' }],
  ])('never says %s', (_, answer) => {
    expect(takes(codeAnswerSchema, answer)).toBe(false)
  })
})

describe('what the screen is told', () => {
  const idle = {
    doorName: 'Front door',
    language: 'en',
    digits: 6,
    lock: 'locked',
    keypad: 'ready',
    pausedForMs: 0,
    online: true,
    visit: null,
    scan: null,
    options: { shuffle: false, longPress: false, speech: false },
  }

  test.each([
    [{}],
    [{ keypad: 'paused', pausedForMs: 60_000 }],
    [{ keypad: 'clock-unknown', online: false }],
    [{ visit: { number: 12, status: 'here' } }],
    [{ visit: { number: 12, status: 'waiting-for-owner' } }],
    [{ visit: { number: 12, status: 'code-sent' } }],
    [{ visit: { number: 12, status: 'denied' } }],
    [{ visit: { number: 12, status: 'no-answer' } }],
  ])('may be %j', (change) => {
    expect(takes(keypadStateSchema, { ...idle, ...change })).toBe(true)
  })

  test.each([
    ['who is expected', { visit: { number: 12, status: 'here', visitorName: 'Tilda' } }],
    ['the id of the visit', { visit: { visitId: 'x', number: 12, status: 'here' } }],
    ['how many codes are good', { liveGrants: 2 }],
    ['a status of its own invention', { visit: { number: 12, status: 'suspicious' } }],
    ['half a millisecond', { pausedForMs: 0.5 }],
  ])('never is %s', (_, change) => {
    expect(takes(keypadStateSchema, { ...idle, ...change })).toBe(false)
  })

  test('is everything, every time', () => {
    for (const field of Object.keys(idle)) {
      const { [field]: _, ...rest }: Record<string, unknown> = idle
      expect(takes(keypadStateSchema, rest), field).toBe(false)
    }
  })
})

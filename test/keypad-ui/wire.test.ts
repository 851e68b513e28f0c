import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer, readState } from '../../keypad-ui/wire.ts'
import {
  type CodeAnswer,
  codeAnswerSchema,
  type KeypadState,
  keypadStateSchema,
} from '../../protocol/keypad-api.ts'
import { visitStatuses } from '../../protocol/messages/cloud.ts'
import { languages } from '../../protocol/messages/shared.ts'

const language = fc.constantFrom(...languages)
const status = fc.constantFrom('here' as const, ...visitStatuses)

const state: fc.Arbitrary<KeypadState> = fc.record({
  doorName: fc.string(),
  language,
  digits: fc.integer({ min: 4, max: 12 }),
  lock: fc.constantFrom(...keypadStateSchema.shape.lock.options),
  keypad: fc.constantFrom(...keypadStateSchema.shape.keypad.options),
  pausedForMs: fc.nat(),
  online: fc.boolean(),
  visit: fc.option(fc.record({ number: fc.nat(), status })),
  scan: fc.option(fc.string()),
  options: fc.record({ shuffle: fc.boolean(), longPress: fc.boolean(), speech: fc.boolean() }),
})

const answer: fc.Arbitrary<CodeAnswer> = fc.oneof(
  fc.record({
    outcome: fc.constant('accepted' as const),
    visitorName: fc.string(),
    language,
    unlockedForMs: fc.nat(),
  }),
  fc.record({ outcome: fc.constant('not-opened' as const), language }),
  fc.record({ outcome: fc.constantFrom('denied', 'paused'), pausedForMs: fc.nat() }),
)

/** With one field removed or changed. */
const spoilt = (whole: object) =>
  fc
    .tuple(
      fc.constantFrom(...Object.keys(whole)),
      fc.constantFrom(undefined, [], {}, 1.5, '?', '1'),
    )
    .map(([key, value]) => ({ ...whole, [key]: value }))

describe('messages of the daemon', () => {
  it('are read as they are when the protocol allows them', () => {
    fc.assert(
      fc.property(state, answer, (sentState, sentAnswer) => {
        expect(readState(JSON.stringify(sentState))).toEqual(sentState)
        expect(readAnswer(JSON.stringify(sentAnswer))).toEqual(sentAnswer)
      }),
    )
  })

  it('are refused when the protocol does not allow them', () => {
    const spoiltState = state.chain(spoilt)
    const spoiltAnswer = answer.chain(spoilt)
    fc.assert(
      fc.property(spoiltState, (sent) => {
        const isAllowed = keypadStateSchema.safeParse(JSON.parse(JSON.stringify(sent))).success
        expect(readState(JSON.stringify(sent)) !== null).toBe(isAllowed)
      }),
    )
    fc.assert(
      fc.property(spoiltAnswer, (sent) => {
        const isAllowed = codeAnswerSchema.safeParse(JSON.parse(JSON.stringify(sent))).success
        expect(readAnswer(JSON.stringify(sent)) !== null).toBe(isAllowed)
      }),
    )
  })

  it.each(['', 'null', '[]', '"state"', '{', '{"outcome":"opened"}', '{"problem":"door-busy"}'])(
    'makes nothing of %j',
    (text) => {
      expect(readState(text)).toBeNull()
      expect(readAnswer(text)).toBeNull()
    },
  )
})

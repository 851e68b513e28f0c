import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCloudMessage } from '../../protocol/messages/cloud.ts'
import { parseDoorEnvelope, parseDoorMessage } from '../../protocol/messages/door.ts'
import { longestMessageBytes, messageRefusals } from '../../protocol/messages/shared.ts'
import { runs } from '../support/effort.ts'
import { samples } from './golden-samples.ts'

/** Stands for a code, a name or a number that must not turn up in a log. */
const canary = 'canary-0815'

/** What no field takes, whatever it is for. */
const unfit: readonly (readonly [string, unknown])[] = [
  ['an object', { [canary]: canary }],
  ['a list', [canary]],
  ['a fraction', 1.5],
  ['a text far too long', canary.repeat(100)],
]

const detailOf = (result: ReturnType<typeof parseDoorMessage | typeof parseCloudMessage>) =>
  result.ok ? 'taken!' : `${result.reason} ${result.detail}`

const optional = [
  'state.page',
  'entry-accepted.credential',
  'entry-accepted.duress',
  'entry-accepted.codesLeft',
]

describe.each(samples)('$file is refused', ({ message, parse }) => {
  const parsed = (changed: object) => parse(JSON.stringify(changed))
  const fields = Object.keys(message).filter((field) => field !== 'v' && field !== 'type')

  test('without any one of its fields', () => {
    for (const field of fields.filter((name) => !optional.includes(`${message['type']}.${name}`))) {
      const { [field]: _, ...rest } = message
      expect(parsed(rest)).toEqual({ ok: false, reason: 'malformed', detail: field })
    }
  })

  test('with something unfit in any one of its fields, which is not repeated', () => {
    for (const field of fields) {
      for (const [what, value] of unfit) {
        const detail = detailOf(parsed({ ...message, [field]: value }))
        expect(detail, what).toMatch(new RegExp(`^(malformed|unknown-field) ${field}(\\.|$)`))
        expect(detail).not.toContain('canary')
      }
    }
  })

  test('in another version', () => {
    for (const v of [0, 2, '1', null, [1], true, undefined]) {
      expect(parsed({ ...message, v })).toMatchObject({ ok: false, reason: 'unknown-version' })
    }
  })

  test('as a type that does not exist', () => {
    for (const type of [
      `${message['type']}s`,
      '',
      'constructor',
      '__proto__',
      1,
      null,
      undefined,
    ]) {
      expect(parsed({ ...message, type })).toEqual({
        ok: false,
        reason: 'unknown-type',
        detail: 'no message of this type exists',
      })
    }
  })

  test('by the side that sends it', () => {
    const other = parse === parseDoorMessage ? parseCloudMessage : parseDoorMessage
    expect(other(JSON.stringify(message))).toMatchObject({ ok: false, reason: 'unknown-type' })
  })

  test('inside a list, or cut short', () => {
    const text = JSON.stringify(message)
    for (const broken of [`[${text}]`, `${text}${text}`, text.slice(0, -1), `"${text}"`]) {
      expect(parse(broken)).toMatchObject({ ok: false, reason: 'not-json' })
    }
  })
})

const cloudSamples = samples.filter(({ file }) => file.startsWith('cloud/'))
const doorSamples = samples.filter(({ file }) => file.startsWith('door/'))
const withField = (text: string, name: string, value: string): string =>
  text.replace(/\}$/, `,${JSON.stringify(name)}:${JSON.stringify(value)}}`)

describe.each(cloudSamples)('$file is refused by a door', ({ text, parse }) => {
  test('with an unknown field', () => {
    for (const surprise of ['surprise', 'V', 'toString']) {
      const refused = { ok: false, reason: 'unknown-field', detail: surprise }
      expect(parse(withField(text, surprise, canary))).toEqual(refused)
    }
  })

  test('with an unknown field of an odd name, which is not repeated', () => {
    for (const name of ['__proto__', '+49 30 1234567', canary, '\u001b[2J', 'x'.repeat(41), '']) {
      const refused = { ok: false, reason: 'unknown-field', detail: '(odd name)' }
      expect(parse(withField(text, name, '1'))).toEqual(refused)
    }
  })
})

describe.each(doorSamples)('$file may come from a later door', ({ text, message, parse }) => {
  test('with an unknown field, which is kept', () => {
    for (const name of ['surprise', 'V', 'toString', '']) {
      const kept = { ok: true, message: { ...message, [name]: canary } }
      expect(parse(withField(text, name, canary))).toEqual(kept)
    }
  })

  test('as an unknown type, of which the envelope is known', () => {
    const later = JSON.stringify({ ...message, type: 'door-painted' })
    expect(parse(later)).toMatchObject({ ok: false, reason: 'unknown-type' })
    const { id, doorId, seq, prev } = message
    expect(parseDoorEnvelope(later)).toMatchObject({ type: 'door-painted', id, doorId, seq, prev })
    expect(parseDoorEnvelope(later.replace('"seq":', '"seq":-'))).toBe(null)
  })
})

describe.each(samples)('the bytes of $file', ({ text, parse }) => {
  test('are refused when they are not UTF-8', () => {
    const bytes = Buffer.from(withField(text, 'id', 'x'.repeat(32)))
    bytes[bytes.indexOf('xxxx')] = 0xff
    expect(parse(bytes)).toEqual({ ok: false, reason: 'not-utf8', detail: 'not UTF-8' })
    expect(parse(Buffer.from(text))).toEqual(parse(text))
  })

  test('are refused with half a character', () => {
    expect(parse(text.replace('"doorId":"', '"doorId":"\ud800'))).toMatchObject({
      ok: false,
      reason: 'not-utf8',
    })
  })

  test('are refused when a field is there twice', () => {
    for (const twice of [
      withField(text, 'id', 'f'.repeat(32)),
      withField(text, 'v', '1').replace('"v":"1"', '"\\u0076":1'),
      withField(text, 'x', 'y').replace('"x":"y"', '"x":[{"a":1,"b":{"a":2},"a":3}]'),
    ]) {
      expect(parse(twice)).toMatchObject({ ok: false, reason: 'duplicate-field' })
    }
  })
})

describe('fields within fields', () => {
  const state = samples.find(({ file }) => file === 'cloud/state.json')
  const changed = (find: string, replacement: string) => {
    const text = state?.text.replace(find, replacement)
    expect(text).not.toBe(state?.text)
    return detailOf(parseCloudMessage(text ?? ''))
  }

  test.each([
    ['"digits":6', '"digits":5', 'malformed credentials.0.digits'],
    ['"digits":6', '"digits":"6"', 'malformed credentials.0.digits'],
    ['"digits":6', `"digits":6,"code":"${canary}"`, 'unknown-field credentials.0.code'],
    [
      '"timeZone":"Europe/Berlin"',
      '"timeZone":"Mars/Base"',
      'malformed settings.settings.timeZone',
    ],
    ['"timeZone":"Europe/Berlin"', '"timeZone":"+01:00"', 'malformed settings.settings.timeZone'],
    ['"unlockHoldMs":5000', '"unlockHoldMs":499', 'malformed settings.settings.unlockHoldMs'],
    ['"unlockHoldMs":5000', '"unlockHoldMs":30001', 'malformed settings.settings.unlockHoldMs'],
    ['"revision":3', '"revision":-1', 'malformed settings.revision'],
    ['"removedVisitors":["', `"removedVisitors":["${canary}","`, 'malformed removedVisitors.0'],
  ])('%s → %s', (find, replacement, detail) => {
    expect(changed(find, replacement)).toBe(detail)
  })
})

describe('the size of a message', () => {
  const padded = (bytes: number, with_: string) => {
    const frame = '{"v":1,"type":"time","x":""}'
    const size = Buffer.byteLength(with_)
    return frame.replace('""', `"${with_.repeat(Math.floor((bytes - frame.length) / size))}"`)
  }

  test.each([['a'], ['é'], ['€'], ['😀']])(
    'is counted in bytes, not in characters, of %s',
    (with_) => {
      for (const parse of [parseDoorMessage, parseCloudMessage]) {
        const largest = padded(longestMessageBytes, with_)
        expect(Buffer.byteLength(largest)).toBeGreaterThan(longestMessageBytes - 4)
        expect(parse(largest)).not.toMatchObject({ reason: 'too-big' })
        const larger = padded(longestMessageBytes + 4, with_)
        expect(parse(larger)).toEqual({
          ok: false,
          reason: 'too-big',
          detail: `more than ${longestMessageBytes} bytes`,
        })
      }
    },
  )
})

describe('whatever arrives', () => {
  /** Neither throws nor takes what it should not, and says so in few words. */
  function survives(text: string): void {
    for (const parse of [parseDoorMessage, parseCloudMessage]) {
      const result = parse(text)
      if (result.ok) continue
      expect(messageRefusals).toContain(result.reason)
      expect(result.detail.length).toBeLessThanOrEqual(200)
    }
  }

  test('any text gets an answer', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', size: 'large' }), survives), {
      numRuns: runs(20, 100),
    })
  })

  test('any JSON gets an answer', () => {
    fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), survives))
  })

  test('anything in any field of a message gets an answer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.string({ unit: 'binary' }),
        fc.nat({ max: 20 }),
        fc.jsonValue({ stringUnit: 'binary' }),
        ({ message }, newField, at, value) => {
          const field = Object.keys(message)[at] ?? newField
          survives(JSON.stringify({ ...message, [field]: value }))
        },
      ),
    )
  })

  test('a message with some characters exchanged gets an answer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.nat({ max: 5 }),
        fc.string({ unit: 'binary', maxLength: 4 }),
        ({ text }, at, removed, inserted) => {
          const from = at % text.length
          survives(text.slice(0, from) + inserted + text.slice(from + removed))
        },
      ),
      { numRuns: runs(200, 1_000) },
    )
  })

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['a byte order mark', '\uFEFF{}'],
    ['half a character', '\uD800'],
    ['ten million characters', 'x'.repeat(10_000_000)],
    ['very deep lists', '['.repeat(60_000) + ']'.repeat(60_000)],
    ['very deep objects', `${'{"v":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['a deep surprise', `{"v":1,"type":"time","x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`],
    ['a number beyond all numbers', '{"v":1e999,"type":"time"}'],
    ['an own prototype', '{"__proto__":{"v":1,"type":"time"}}'],
    ['thousands of fields', `{"v":1,"type":"time"${',"a":1'.repeat(15_000)}}`],
  ])('%s gets an answer', (_, text) => {
    survives(text)
    expect(parseCloudMessage(text).ok).toBe(false)
  })
})

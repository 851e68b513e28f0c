import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { firstFlaw, sealRows } from '../../device/core/log/log-chain.ts'
import { chainHash } from '../../protocol/log-chain.ts'
import { parseDoorMessage } from '../../protocol/messages/door.ts'
import { goldenFolder, samples, samplesOf, sides } from './golden-samples.ts'
import { wordsIn, wordsOf } from './words.ts'

const contentOf = (file: string) => readFileSync(join(goldenFolder, file))

describe('the frozen samples', () => {
  test('are the ones that were frozen', () => {
    const actual = [...samples.map(({ file }) => file), 'passcodes.json', 'words.json']
      .sort()
      .map((file) => `${createHash('sha256').update(contentOf(file)).digest('hex')}  ${file}\n`)
    expect(actual.join('')).toBe(contentOf('SHA256SUMS').toString())
  })

  test('are all that there is in their folder', () => {
    const files = readdirSync(goldenFolder).sort()
    expect(files).toEqual([
      'README.md',
      'SHA256SUMS',
      'cloud',
      'door',
      'passcodes.json',
      'words.json',
    ])
  })

  test.each(sides)('have every type that the $side can send', ({ side, bodies }) => {
    const types = samples.filter(({ file }) => file.startsWith(side)).map(({ type }) => type)
    expect(new Set(types)).toEqual(new Set(Object.keys(bodies)))
  })

  test.each(samples)('$file is understood, all of it', ({ text, type, message, parse }) => {
    const parsed = parse(text)
    expect(parsed).toEqual({ ok: true, message })
    expect(message['type']).toBe(type)
    // One line, nothing that a reader could take for more than one message.
    expect(JSON.stringify(message)).toBe(text)
  })
})

describe("the door's samples", () => {
  const door = sides[0]
  const rows = samplesOf(door)
    .map(({ text, message }) => ({ text, seq: Number(message['seq']), hash: chainHash(text) }))
    .sort((a, b) => a.seq - b.seq)

  test('are one log, in which nothing is missing', () => {
    const head = rows.at(-1)
    if (!head) throw new Error('there are no samples')
    expect(firstFlaw(rows, head)).toBe(null)
    expect(rows).toHaveLength(head.seq)
  })

  test.each(samplesOf(door))('$file is what the door would write today', ({ text }) => {
    const parsed = parseDoorMessage(text)
    if (!parsed.ok) throw new Error(parsed.detail)
    const { v, id, doorId, seq, atMs, timeKnown, prev, ...body } = parsed.message
    const seal = { doorId, atMs, timeKnown, ids: [id] }
    const [row] = sealRows({ seq: seq - 1, hash: prev }, [body], seal)
    expect(row).toEqual({ seq, text, hash: chainHash(text) })
  })
})

describe('the frozen words', () => {
  const frozen = z.parse(
    z.record(z.string(), z.record(z.string(), z.array(z.unknown()))),
    JSON.parse(contentOf('words.json').toString()),
  )

  test.each(sides)('are the ones that the $side may use', ({ side, bodies }) => {
    expect(wordsOf(bodies)).toEqual(frozen[side])
  })

  test.each([
    [{ enum: ['a', 'b'] }, [['x', ['a', 'b']]]],
    [{ anyOf: [{ const: 6 }, { const: 7 }] }, [['x', [6, 7]]]],
    [{ anyOf: [{ properties: { y: { const: 1 } } }, { type: 'null' }] }, [['x.y', [1]]]],
    [{ items: { properties: { y: { enum: ['a'] } } } }, [['x[].y', ['a']]]],
    [{ type: 'string' }, []],
  ])('are found in a schema like %j', (schema, words) => {
    expect(wordsIn(schema, 'x')).toEqual(words)
  })
})

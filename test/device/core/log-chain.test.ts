import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  emptyLog,
  firstFlaw,
  type LogHead,
  type LogRow,
  sealRows,
} from '../../../device/core/log/log-chain.ts'
import { chainHash, chainStart } from '../../../protocol/log-chain.ts'
import { type DoorBody, parseDoorMessage } from '../../../protocol/messages/door.ts'

const idOf = (number: number): string => number.toString(16).padStart(32, '0')

const seal = (ids: readonly string[]) => ({
  doorId: 'front-door',
  atMs: Date.UTC(2026, 5, 1, 12),
  timeKnown: true,
  ids,
})

const bodyOf = (number: number): DoorBody =>
  number % 2 === 0 ? { type: 'door-opened' } : { type: 'door-closed', openForMs: number * 100 }

/** A log of as many rows as wanted, written a few at a time. */
function logOf(length: number, perCommit = 3): LogRow[] {
  const rows: LogRow[] = []
  while (rows.length < length) {
    const numbers = Array.from({ length: perCommit }, (_, at) => rows.length + at)
    rows.push(...sealRows(rows.at(-1) ?? emptyLog, numbers.map(bodyOf), seal(numbers.map(idOf))))
  }
  return rows.slice(0, length)
}

const headOf = (rows: readonly LogRow[]): LogHead => rows.at(-1) ?? emptyLog

describe('sealing', () => {
  test('makes messages that the other side understands', () => {
    for (const row of logOf(5)) {
      const parsed = parseDoorMessage(row.text)
      expect(parsed).toMatchObject({ ok: true, message: { seq: row.seq, doorId: 'front-door' } })
    }
  })

  test('numbers from one on, and each names the hash of the one before', () => {
    const rows = logOf(7)
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(rows.map(({ text }) => JSON.parse(text).prev)).toEqual([
      chainStart,
      ...rows.slice(0, -1).map(({ hash }) => hash),
    ])
    for (const { text, hash } of rows) expect(hash).toBe(chainHash(text))
  })

  test('writes the same whether together or one by one', () => {
    expect(logOf(12, 1)).toEqual(logOf(12, 12))
  })

  test('of nothing is nothing', () => {
    expect(sealRows(emptyLog, [], seal([]))).toEqual([])
  })

  test('gives every message the time, the certainty and the id it was told', () => {
    const [row] = sealRows(emptyLog, [{ type: 'door-forced' }], {
      doorId: 'back-door',
      atMs: 1_800_000_000_000,
      timeKnown: false,
      ids: [idOf(77)],
    })
    expect(row?.text).toBe(
      `{"v":1,"type":"door-forced","id":"${idOf(77)}","doorId":"back-door","seq":1,` +
        `"atMs":1800000000000,"timeKnown":false,"prev":"${chainStart}"}`,
    )
  })
})

describe('a log that nobody touched', () => {
  test('has no flaw, whatever its length', () => {
    for (const length of [0, 1, 2, 3, 50]) {
      const rows = logOf(length)
      expect(firstFlaw(rows, headOf(rows))).toBe(null)
    }
  })

  test('has none behind the row up to which it was deleted', () => {
    const rows = logOf(9)
    for (const [index, start] of rows.entries()) {
      const rest = rows.slice(index + 1)
      expect(firstFlaw(rest, headOf(rows), start)).toBe(null)
      const problem = rest.length > 0 ? 'missing' : 'cut-off'
      expect(firstFlaw(rest, headOf(rows))).toEqual({ seq: 1, problem })
    }
  })

  test('also agrees with every head it ever had', () => {
    const rows = logOf(9)
    for (const head of [emptyLog, ...rows]) expect(firstFlaw(rows, head)).toBe(null)
  })
})

/** What somebody with the database and an editor could do to one row. */
const withHash = (row: LogRow, text: string): LogRow => ({ ...row, text, hash: chainHash(text) })
const changedText = ({ text }: LogRow): string => text.replace('front-door', 'other-door')
const changedPrev = ({ text }: LogRow): string =>
  text.replace(/"prev":"."?/, (found) => found.replace(/.$/, (one) => (one === '0' ? '1' : '0')))
const renumbered = ({ text, seq }: LogRow): string => text.replace(`"seq":${seq}`, '"seq":9999')

const alterations: Record<string, (row: LogRow) => LogRow> = {
  'its text': (row) => ({ ...row, text: changedText(row) }),
  'one character of its text': (row) => ({ ...row, text: row.text.replace(/.$/, ' ') }),
  'its hash': (row) => ({
    ...row,
    hash: row.hash.replace(/^./, (one) => (one === '0' ? '1' : '0')),
  }),
  'its text, with the hash to match': (row) => withHash(row, changedText(row)),
  'what it names as its predecessor, with the hash to match': (row) =>
    withHash(row, changedPrev(row)),
  'the number in its text, with the hash to match': (row) => withHash(row, renumbered(row)),
  'everything, into something that is no message': (row) => withHash(row, 'not even JSON'),
  'everything, into something that only looks like one': (row) => withHash(row, 'null'),
}

/** A log, and one place in it. */
const anyPlace = fc
  .integer({ min: 1, max: 30 })
  .chain((length) => fc.record({ length: fc.constant(length), at: fc.nat({ max: length - 1 }) }))

const anyTwoPlaces = fc
  .integer({ min: 2, max: 30 })
  .chain((length) =>
    fc.tuple(fc.constant(length), fc.nat({ max: length - 1 }), fc.nat({ max: length - 1 })),
  )
  .filter(([, one, other]) => one < other)

describe('the first row that was touched is found, when somebody', () => {
  test.each(Object.entries(alterations))('altered %s', (_, alter) => {
    fc.assert(
      fc.property(anyPlace, ({ length, at }) => {
        const rows = logOf(length)
        const altered = rows.map((row, place) => (place === at ? alter(row) : row))
        expect(altered).not.toEqual(rows)
        expect(firstFlaw(altered, headOf(rows))?.seq).toBe(at + 1)
      }),
    )
  })

  test('altered a row and then every hash and predecessor after it: only a kept head can tell', () => {
    fc.assert(
      fc.property(anyPlace, ({ length, at }) => {
        const rows = logOf(length)
        const forged = rows.slice(0, at)
        for (const row of rows.slice(at)) {
          const prev = headOf(forged).hash
          forged.push(withHash(row, changedText(row).replace(/"prev":"\w*"/, `"prev":"${prev}"`)))
        }
        expect(firstFlaw(forged, headOf(forged))).toBe(null)
        expect(firstFlaw(forged, headOf(rows))).toEqual({ seq: length, problem: 'altered' })
        const [kept] = rows.slice(at)
        if (kept) expect(firstFlaw(forged, kept)).toEqual({ seq: at + 1, problem: 'altered' })
      }),
    )
  })

  test('removed a row', () => {
    fc.assert(
      fc.property(anyPlace, ({ length, at }) => {
        const rows = logOf(length)
        const problem = at === length - 1 ? 'cut-off' : 'missing'
        expect(firstFlaw(rows.toSpliced(at, 1), headOf(rows))).toEqual({ seq: at + 1, problem })
      }),
    )
  })

  test('removed a row and closed the gap by counting the later ones down', () => {
    fc.assert(
      fc.property(anyPlace, ({ length, at }) => {
        const rows = logOf(length)
        const closed = rows.toSpliced(at, 1).map((row, place) => ({ ...row, seq: place + 1 }))
        const problem = at === length - 1 ? 'cut-off' : 'out-of-place'
        expect(firstFlaw(closed, headOf(rows))).toEqual({ seq: at + 1, problem })
      }),
    )
  })

  test('exchanged two rows, with their numbers or without', () => {
    fc.assert(
      fc.property(anyTwoPlaces, ([length, one, other]) => {
        const rows = logOf(length)
        const exchanged = rows.map(
          (row, place) => rows[place === one ? other : place === other ? one : place] ?? row,
        )
        expect(firstFlaw(exchanged, headOf(rows))).toEqual({ seq: one + 1, problem: 'missing' })
        const renamed = exchanged.map((row, place) => ({ ...row, seq: place + 1 }))
        expect(firstFlaw(renamed, headOf(rows))).toEqual({ seq: one + 1, problem: 'out-of-place' })
      }),
    )
  })

  test('put a copy of a row behind another', () => {
    fc.assert(
      fc.property(anyTwoPlaces, ([length, one, other]) => {
        const rows = logOf(length)
        const copy = rows[one]
        if (!copy) throw new Error('no such row')
        const doubled = rows.toSpliced(other, 0, copy)
        expect(firstFlaw(doubled, headOf(rows))).toEqual({
          seq: other + 1,
          problem: 'out-of-place',
        })
      }),
    )
  })

  test('cut off the end', () => {
    fc.assert(
      fc.property(anyPlace, ({ length, at }) => {
        const rows = logOf(length)
        expect(firstFlaw(rows.slice(0, at), headOf(rows))).toEqual({
          seq: at + 1,
          problem: 'cut-off',
        })
      }),
    )
  })

  test('altered the last row, behind the last head that is known elsewhere', () => {
    fc.assert(
      fc.property(anyPlace, ({ length, at }) => {
        const rows = logOf(length)
        const last = headOf(rows)
        const altered = rows.map((row) => (row === last ? withHash(row, changedPrev(row)) : row))
        const older = at === 0 ? emptyLog : (rows[at - 1] ?? emptyLog)
        expect(firstFlaw(altered, older)).toEqual({ seq: length, problem: 'altered' })
      }),
    )
  })

  test('put the rows of another door in their place', () => {
    const rows = logOf(6)
    const others = sealRows(emptyLog, [{ type: 'door-forced' }], seal([idOf(500)]))
    const [theirs] = others
    if (!theirs) throw new Error('nothing was sealed')
    expect(firstFlaw(rows.with(0, theirs), headOf(rows))).toEqual({ seq: 1, problem: 'altered' })
  })
})

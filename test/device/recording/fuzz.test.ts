/** Parsers of external bytes must not hang, and must not hold more than they were given. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type AccessUnit, accessUnitSplitter } from '../../../device/recording/core/access-units.ts'
import { AckReader } from '../../../device/recording/core/acks.ts'
import { fragmenter } from '../../../device/recording/core/fragments.ts'
import { matroskaHeader } from '../../../device/recording/core/matroska.ts'
import { type Finding, Linter } from '../../../simulation/aws/kinesis-video/lint.ts'
import { runs } from '../../support/effort.ts'
import { accessUnits, h264 } from '../../support/video/video-frames.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
let file: Buffer
let stream: Buffer
let units: readonly AccessUnit[]

beforeAll(async () => {
  const wanted = { frames: 30, size: '64x48' }
  units = await accessUnits(wanted)
  stream = await h264(wanted)
  const fragments = fragmenter(() => ({ visit: 'a-visit' }))
  const [first] = units
  if (!first) throw new Error('there are no frames')
  const steps = units.flatMap((unit, at) => fragments.frame(unit, startMs + at * 100))
  const bytes = [...steps, ...fragments.complete()].flatMap((step) => {
    if (step.kind === 'grew') return step.parts
    return step.kind === 'completed' && step.bytes ? [step.bytes] : []
  })
  file = Buffer.concat([matroskaHeader(first.track, Buffer.alloc(16)), ...bytes])
})

/** Changed, removed and inserted bytes; the position is a share of any length. */
const mutation = fc.record({
  where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  how: fc.constantFrom('change', 'cut', 'insert', 'repeat', 'end'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
})
const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 })
interface Mutation {
  readonly where: number
  readonly how: string
  readonly bytes: Uint8Array
}

function mutated(bytes: Buffer, { where, how, bytes: others }: Mutation): Buffer {
  const at = Math.floor(where * bytes.length)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (how) {
    case 'change':
      return Buffer.concat([before, others, after.subarray(others.length)])
    case 'cut':
      return Buffer.concat([before, after.subarray(others.length * 7)])
    case 'insert':
      return Buffer.concat([before, others, after])
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, others.length * 50), after])
    default:
      return before
  }
}

function pieces(bytes: Buffer, length: number): Buffer[] {
  const count = Math.ceil(bytes.length / length)
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * length, (at + 1) * length))
}

function lint(given: readonly Buffer[]) {
  const found: Finding[] = []
  let frames = 0
  const judge = new Linter({
    finding: (finding) => found.push(finding),
    frame: () => {
      frames += 1
    },
  })
  for (const piece of given) judge.push(piece)
  judge.end()
  return { found, frames }
}

it('the linter ends on mutated streams, and finds the same in any parts', () => {
  let wrong = 0
  const numRuns = runs(1_000, 10_000)
  fc.assert(
    fc.property(mutations, fc.integer({ min: 7, max: 5_000 }), (changes, length) => {
      const bytes = changes.reduce(mutated, file)
      const whole = lint([bytes])
      if (whole.found.length > 0) wrong += 1
      expect(whole.frames).toBeLessThanOrEqual(200)
      const inPieces = lint(pieces(bytes, length))
      expect(inPieces.found).toEqual(whole.found)
    }),
    { numRuns },
  )
  // Most mutations change the pictures themselves, which only a decoder would notice.
  expect(wrong).toBeGreaterThan(numRuns * 0.6)
})

it('a length of gigabytes is refused before they arrive', () => {
  const { found } = lint([file.subarray(0, 300), Buffer.from('a30800000000ffffffff', 'hex')])
  expect(found.length).toBeGreaterThan(0)
})

it('frames are the same in any parts of the stream', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 9 }),
      (lengths) => {
        const splitter = accessUnitSplitter()
        const found: AccessUnit[] = []
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1
          found.push(...splitter.push(stream.subarray(at, at + length)))
          at += length
        }
        found.push(...splitter.end())
        expect(
          found.map(({ nals, isKey }) => [isKey, Buffer.concat(nals).toString('hex')]),
        ).toEqual(units.map(({ nals, isKey }) => [isKey, Buffer.concat(nals).toString('hex')]))
      },
    ),
    { numRuns: 60 },
  )
})

it('garbage gives no frame, and is not stored', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
      const splitter = accessUnitSplitter(1_000)
      expect([...splitter.push(bytes), ...splitter.end()]).toEqual([])
    }),
  )
  const splitter = accessUnitSplitter(10_000)
  for (let at = 0; at < 100; at += 1) splitter.push(Buffer.alloc(1_000, 0x55))
  expect(splitter.strayBytes()).toBeGreaterThan(90_000)
})

const ack = fc.record({
  EventType: fc.constantFrom('BUFFERING', 'RECEIVED', 'PERSISTED', 'ERROR', 'IDLE'),
  FragmentTimecode: fc.integer({ min: 0, max: 2 ** 43 }),
  FragmentNumber: fc.stringMatching(/^[0-9]{40,48}$/),
})

it('acknowledgements are read when they are cut, joined, wrapped or mixed with noise', () => {
  const between = fc.constantFrom('', '\n', '\r\n', ' ', '\r\n\r\n', '0\r\n')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(ack, between, fc.boolean())),
      fc.integer({ min: 1, max: 50 }),
      (acks, length) => {
        const text = acks
          .map(
            ([one, gap, wrapped]) => JSON.stringify(wrapped ? { Acknowledgement: one } : one) + gap,
          )
          .join('')
        const reader = new AckReader()
        const found = pieces(Buffer.from(text), length).flatMap((piece) => reader.push(piece))
        expect(found.map((one) => [one.kind, one.timecodeMs])).toEqual(
          acks.map(([one]) => [one.EventType, one.FragmentTimecode]),
        )
      },
    ),
  )
})

it('anything else than an acknowledgement is left out, at any length', () => {
  const reader = new AckReader()
  expect(reader.push(Buffer.from('{"EventType":"NEW"}[]}}{"a":'))).toEqual([])
  expect(reader.push(Buffer.alloc(1_000_000, 0x61))).toEqual([])
  expect(reader.push(Buffer.from('{"EventType":"ERROR","ErrorId":4006}'))).toMatchObject([
    { kind: 'ERROR', errorId: 4006, timecodeMs: null },
  ])
})

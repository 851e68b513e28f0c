/**
 * Whether the answer time reveals why a code was refused. Codes of all kinds are typed in random
 * order; Welch's t measures how surely the times of two kinds differ.
 */
import { randomInt } from 'node:crypto'
import { benchDoor } from '../support/bench-door.ts'
import { anyOf } from '../support/chance.ts'
import { median, trimmedMean, trimmedWelchT } from '../support/figures.ts'
import type { Answer, KeepAliveClient } from '../support/keep-alive-client.ts'
import { type Row, rowOf } from '../support/row.ts'
import { codeDigits } from '../support/stocked-store.ts'
import type { Workshop } from '../support/workshop.ts'

/** A door counts wrong codes for a day, so it is replaced after a thousand. */
const full = { doors: 6, seriesPerDoor: 100 }
const quick = { doors: 1, seriesPerDoor: 20 }

const wrongCodesPerSeries = 9

const codesPerKind = 200
/** Trimmed at either end, because a busy disk delays some answers of every kind. */
const cutOff = 0.1
const limit = 4.5

const kinds = ['wrong', 'unknown', 'expired', 'used', 'revoked'] as const
type Kind = (typeof kinds)[number]
type Samples = { readonly [kind in Kind]: number[] }

export async function benchAnswerTimes(workshop: Workshop): Promise<Row[]> {
  const { doors, seriesPerDoor } = workshop.quick ? quick : full
  const samples: Samples = { wrong: [], unknown: [], expired: [], used: [], revoked: [] }
  for (let nth = 1; nth <= doors; nth += 1) {
    workshop.say(`answers: door ${nth} of ${doors}`)
    await typeAtNewDoor(workshop, seriesPerDoor, samples)
  }
  return rowsOf(samples)
}

async function typeAtNewDoor(workshop: Workshop, series: number, samples: Samples) {
  const door = await benchDoor(workshop, {
    known: [
      { codes: series + 1 },
      { codes: codesPerKind },
      { codes: codesPerKind, expired: true },
      { codes: codesPerKind, closed: 'used' },
      { codes: codesPerKind, closed: 'revoked' },
    ],
  })
  const [right = [], live = [], expired = [], used = [], revoked = []] = door.codes
  const unknown = unknownCodes(door.codes.flat())
  const codes = {
    wrong: live.map(unknown.near),
    unknown: live.map(unknown.any),
    expired,
    used,
    revoked,
  }
  const started = door.start()
  const client = await started.connected()
  for (const [nth, rightCode] of right.entries()) {
    const answers = await typeSeries(client, codes)
    // As at a door in use, where good codes come between wrong ones.
    expectStatus(await client.post('/api/code', { code: rightCode }), 200)
    // The first series only warms up.
    if (nth > 0) for (const { kind, us } of answers) samples[kind].push(us)
  }
  client.close()
  await started.stop()
  await door.close()
}

async function typeSeries(client: KeepAliveClient, codes: Readonly<Record<Kind, string[]>>) {
  const answers: { kind: Kind; us: number }[] = []
  for (let nth = 0; nth < wrongCodesPerSeries; nth += 1) {
    const kind = anyOf(kinds)
    const answer = await client.post('/api/code', { code: anyOf(codes[kind]) })
    expectStatus(answer, 403)
    answers.push({ kind, us: answer.tookMs * 1_000 })
  }
  return answers
}

function expectStatus({ status, body }: Answer, expected: number): void {
  if (status !== expected) throw new Error(`${expected} was expected, not ${status} ${body}`)
}

/** Codes that no grant of this door has. */
function unknownCodes(known: readonly string[]) {
  const taken = new Set(known)
  const any = (): string => {
    const code = String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0')
    return taken.has(code) ? any() : code
  }
  /** A mistyped last digit, if that makes it an unknown code. */
  const near = (code: string): string => {
    const slip = code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10)
    return taken.has(slip) ? any() : slip
  }
  return { any, near }
}

// ---------------------------------------------------------------- rows

function rowsOf(samples: Samples): Row[] {
  const pairs = kinds.flatMap((a, at) => kinds.slice(at + 1).map((b) => ({ a, b })))
  const rows = pairs.map(({ a, b }) => pairRow(samples, a, b))
  const besideWrong = rows.slice(0, kinds.length - 1)
  const others = rows.slice(kinds.length - 1)
  return [...besideWrong, others.reduce((most, row) => (row.ours > most.ours ? row : most))]
}

const pairRow = (samples: Samples, a: Kind, b: Kind): Row =>
  rowOf({
    row: `answer times, ${b} codes beside ${a}`,
    unit: '|t|',
    ours: Math.abs(trimmedWelchT(samples[a], samples[b], cutOff)),
    peer: limit,
    peerIs: `limit for Welch’s t, ${cutOff * 100} % cut off at either end`,
    figures: {
      [`${a}Samples`]: samples[a].length,
      [`${b}Samples`]: samples[b].length,
      [`${a}TrimmedMeanUs`]: trimmedMean(samples[a], cutOff),
      [`${b}TrimmedMeanUs`]: trimmedMean(samples[b], cutOff),
      [`${a}P50Us`]: median(samples[a]),
      [`${b}P50Us`]: median(samples[b]),
    },
  })

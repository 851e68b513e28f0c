/** What a visit's item must look like to be believed, and how its attributes become lists. */
import * as z from 'zod/mini'
import type { Stranger, TimelineEntry, Visit } from '../../visits/core/visit.ts'
import { orNull, reader } from './rows.ts'

const facts = reader(
  'visits',
  z.object({
    household: z.string(),
    doorId: z.string(),
    visitId: z.string(),
    number: orNull(z.int()),
    startedAtMs: z.int(),
    endedAtMs: orNull(z.int()),
  }),
)

const picture = z.object({ key: z.string(), sha256: z.string() })
const resemblance = z.object({ visitorId: z.string(), similarity: z.number() })
const grant = z.object({ grantId: z.string(), expiresAtMs: z.int() })
const timelineEntry = z.object({
  atMs: z.int(),
  what: z.string(),
  why: z.string(),
  visitorId: z.nullable(z.string()),
})

const snapshots = z.set(z.string())
const manyOf = <T extends z.ZodMiniType>(schema: T) => z.record(z.string(), schema)

const matches = reader('visits', manyOf(snapshots))
const strangers = reader(
  'visits',
  manyOf(z.object({ face: picture, resembles: orNull(resemblance) })),
)
const strangerSnapshots = reader('visits', manyOf(snapshots))
const grants = reader('visits', manyOf(grant))
const timelineEntries = reader('visits', manyOf(timelineEntry))

export function visitRow(row: unknown): Visit {
  return {
    ...facts(row),
    matches: mapped(matches(under(row, 'match')), sorted),
    strangers: strangersOf(row),
    grants: grants(under(row, 'grant')),
    timeline: timelineOf(row),
  }
}

/** All attributes `<kind>:<name>`, by their names. */
function under(row: unknown, kind: string): Record<string, unknown> {
  const prefix = `${kind}:`
  return Object.fromEntries(
    Object.entries(row ?? {})
      .filter(([attribute]) => attribute.startsWith(prefix))
      .map(([attribute, value]) => [attribute.slice(prefix.length), value]),
  )
}

function strangersOf(row: unknown): Stranger[] {
  const seenIn = strangerSnapshots(under(row, 'strangerSnapshots'))
  return Object.entries(strangers(under(row, 'stranger')))
    .map(([number, { face, resembles }]) => ({
      ...{ number: Number(number), face, resembles },
      snapshots: sorted(seenIn[number] ?? new Set()),
    }))
    .sort((a, b) => a.number - b.number)
}

const timelineOf = (row: unknown): TimelineEntry[] =>
  Object.values(timelineEntries(under(row, 'timelineEntry'))).sort((a, b) => a.atMs - b.atMs)

/** Sets come back in any order. */
const sorted = (names: ReadonlySet<string>): string[] => [...names].sort()

const mapped = <T, U>(record: Readonly<Record<string, T>>, to: (value: T) => U) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]))

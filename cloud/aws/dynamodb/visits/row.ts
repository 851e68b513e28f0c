/** The item of a visit. */
import * as z from 'zod/mini'
import type { VisitRef } from '../../../ports.ts'
import type { Stranger, Visit } from '../../../visits/core/visit.ts'
import { doorKey, orNull, type Row, reader } from '../rows.ts'

export const keyOf = (visit: VisitRef) => ({ pk: doorKey(visit), sk: `visit#${visit.visitId}` })

const factsRow = reader(
  'visits',
  z.object({
    household: z.string(),
    doorId: z.string(),
    visitId: z.string(),
    number: orNull(z.int()),
    startedAtMs: z.int(),
    endedAtMs: orNull(z.int()),
    kept: orNull(z.object({ by: z.string(), atMs: z.int() })),
  }),
)
const scansRow = reader('visits', z.object({ scans: orNull(z.set(z.string())) }))

const picture = z.object({ key: z.string(), sha256: z.string() })
const resemblance = z.object({ visitorId: z.string(), similarity: z.number() })
const correction = z.object({
  visitorId: z.nullable(z.string()),
  by: z.string(),
  atMs: z.int(),
})
const grant = z.object({ grantId: z.string(), expiresAtMs: z.int() })
const timelineEntry = z.object({
  atMs: z.int(),
  what: z.string(),
  why: z.string(),
  visitorId: z.nullable(z.string()),
})

/** Sets come back in any order. */
const sortedSet = z.pipe(
  z.set(z.string()),
  z.transform((names: Set<string>) => [...names].sort()),
)
const allOf = <T extends z.ZodMiniType>(schema: T) => reader('visits', z.record(z.string(), schema))

const matchesRow = allOf(sortedSet)
const strangersRow = allOf(
  z.object({
    face: picture,
    resembles: orNull(resemblance),
    why: z.optional(z.enum(['welcome-over', 'outside-hours', 'holiday'])),
  }),
)
const strangerSnapshotsRow = allOf(sortedSet)
const grantsRow = allOf(grant)
const timelineRow = allOf(timelineEntry)
const correctionsRow = allOf(correction)

export const visitRow = (row: unknown): Visit => ({
  ...factsRow(row),
  matches: matchesRow(attributes(row, 'match')),
  strangers: strangersOf(row),
  scans: [...(scansRow(row).scans ?? [])].sort(),
  grants: grantsRow(attributes(row, 'grant')),
  timeline: Object.values(timelineRow(attributes(row, 'timelineEntry'))).sort(
    (a, b) => a.atMs - b.atMs,
  ),
  corrections: correctionsRow(attributes(row, 'correction')),
})

const removedRow = z.object({ removedAtMs: z.int() })
/** What is left of a visit that a member deleted. */
export const isRemoved = (row: unknown): boolean => z.safeParse(removedRow, row).success

/** All attributes `<kind>:<name>`, by name. */
export function attributes(row: unknown, kind: string): Row {
  const prefix = `${kind}:`
  return Object.fromEntries(
    Object.entries(row ?? {})
      .filter(([attribute]) => attribute.startsWith(prefix))
      .map(([attribute, value]) => [attribute.slice(prefix.length), value]),
  )
}

function strangersOf(row: unknown): Stranger[] {
  const snapshots = strangerSnapshotsRow(attributes(row, 'strangerSnapshots'))
  return Object.entries(strangersRow(attributes(row, 'stranger')))
    .map(([number, stranger]) => ({
      ...stranger,
      number: Number(number),
      snapshots: snapshots[number] ?? [],
    }))
    .sort((a, b) => a.number - b.number)
}

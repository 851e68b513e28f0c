/**
 * A page of the history, filtered and searched, with many visits against few. Time is our processor
 * time and that of the stand-in for DynamoDB, in this process; calls are what AWS bills.
 */
import { visitsDynamodb } from '../../../../cloud/aws/dynamodb/visits/visits.ts'
import type { HistoryQuery, Visits } from '../../../../cloud/ports.ts'
import { newDoor, newId, newVisit, times } from '../../../contracts/tables/examples.ts'
import { noLog, openTables, type Tables } from '../../../contracts/tables/tables.ts'
import { isProof } from '../../../support/effort.ts'
import { median } from '../../support/figures.ts'
import { type Row, rowOf } from '../../support/row.ts'
import type { Workshop } from '../../support/workshop.ts'

/** Each visit is about nine writes to the stand-in, so a hundred thousand take a quarter of an hour. */
const full = { few: 1_000, many: isProof ? 100_000 : 5_000, repeated: 20 }
const quick = { few: 40, many: 120, repeated: 3 }
const mostMore = 1.5
const limit = 30
const atOnce = 5

interface Filled {
  readonly visits: Visits
  readonly tables: Tables
  readonly queries: readonly HistoryQuery[]
}

interface Read {
  readonly ms: number
  readonly calls: number
}

export async function benchHistory(workshop: Workshop): Promise<Row[]> {
  const { few, many, repeated } = workshop.quick ? quick : full
  const small = await filled(workshop, few)
  const large = await filled(workshop, many)
  const [first, other] = [await readAll(small, repeated), await readAll(large, repeated)]
  await Promise.all([small.tables.end(), large.tables.end()])
  // Few visits do not fill a page.
  const target = workshop.quick ? 10 : mostMore
  return [
    rowOf({
      row: `history, a page of ${many} visits against ${few}, filtered and searched`,
      ...{ unit: 'ms', ours: other.ms, peer: first.ms, peerIs: `${few} visits` },
      target,
    }),
    rowOf({
      row: `history, DynamoDB calls for a page of ${many} visits against ${few}`,
      ...{ unit: 'calls', ours: other.calls, peer: first.calls, peerIs: `${few} visits` },
      target,
    }),
  ]
}

/** The person who is searched came to few visits, early; others to all later ones. */
async function filled(workshop: Workshop, count: number): Promise<Filled> {
  workshop.say(`history: ${count} visits are stored`)
  const tables = await openTables()
  const visits = visitsDynamodb({ client: tables.client, table: tables.names.visits, log: noLog })
  const door = newDoor()
  const [rare, common] = [newId(), newId()]
  for (let nth = 0; nth < count; nth += atOnce) {
    const some = times(Math.min(atOnce, count - nth), (more) => nth + more)
    await Promise.all(some.map((one) => store(visits, door, one < limit + 1 ? rare : common, one)))
  }
  const { household, doorId } = door
  const queries: readonly HistoryQuery[] = [
    { household, limit },
    { household, limit, people: [rare] },
    { household, limit, people: [rare, common], doorId },
    { household, limit, outcome: 'came-in', people: [rare] },
    { household, limit, outcome: 'no-entry' },
  ]
  return { visits, tables, queries }
}

async function store(
  visits: Visits,
  door: ReturnType<typeof newDoor>,
  visitorId: string,
  nth: number,
): Promise<void> {
  const visit = newVisit(door)
  const at = { ...visit, seenAtMs: visit.seenAtMs + nth * 60_000 }
  if (nth % 20 === 19) return visits.end(at, 1_000)
  const why = 'recognised in 2 snapshots'
  const entry = { atMs: at.seenAtMs, what: 'code-accepted', why, visitorId } as const
  return visits.addTimelineEntry(at, 'entered', entry)
}

async function readAll({ visits, tables, queries }: Filled, repeated: number): Promise<Read> {
  for (const query of queries) await visits.history(query)
  tables.standIn().resetCounts()
  const took: number[] = []
  for (let nth = 0; nth < repeated; nth += 1) {
    const before = process.cpuUsage()
    for (const query of queries) await visits.history(query)
    const { user, system } = process.cpuUsage(before)
    took.push((user + system) / 1_000 / queries.length)
  }
  const { reads, scans } = tables.standIn().counts()
  if (scans > 0) throw new Error('A table was scanned.')
  return { ms: median(took), calls: reads / repeated / queries.length }
}

/** The history of a household: all its visits, or those that fit a filter, found by their index. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import {
  type HistoryPage,
  type HistoryQuery,
  type Log,
  StoreFault,
  type VisitRef,
} from '../../../ports.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import { fits, indexKeysFor } from '../../../visits/core/who-came.ts'
import { doorKey, type Row, readable, reader, type Table } from '../rows.ts'
import { indexPartition } from './index-entries.ts'
import { keyOf, visitRow } from './row.ts'

type Deps = Table & { readonly log: Pick<Log, 'error'> }
type Find = (visit: VisitRef) => Promise<Visit | null>

const mostPerPage = 100

export async function history(deps: Deps, query: HistoryQuery, find: Find): Promise<HistoryPage> {
  const limit = Math.min(query.limit, mostPerPage)
  const after = query.after === undefined ? null : placeAt(query.household, query.after)
  const keys = indexKeysFor(query)
  if (keys) return filtered(deps, { ...query, limit, keys, find }, after)
  const span = spanOf(query)
  const page = await queryIndex(deps, query.household, span, {
    Limit: limit,
    ...(after && { ExclusiveStartKey: startKey(query.household, after) }),
  })
  return {
    visits: readable(page.rows, visitRow, deps.log),
    next: page.last ? cursorOf(lastPlace(page.last)) : null,
  }
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

const spanOf = ({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: HistoryQuery): Span => ({
  fromMs,
  toMs,
})

async function queryIndex(
  { client, table }: Deps,
  partition: string,
  { fromMs, toMs }: Span,
  more: { readonly Limit: number; readonly ExclusiveStartKey?: Row },
) {
  const { Items: rows = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: 'byHousehold',
      KeyConditionExpression: 'household = :household AND startedAtMs BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':household': partition, ':from': fromMs, ':to': toMs },
      ScanIndexForward: false,
      ...more,
    }),
  )
  return { rows, last: LastEvaluatedKey ?? null }
}

// ---------------------------------------------------------------- places in the history

interface Place {
  readonly startedAtMs: number
  readonly doorId: string
  readonly visitId: string
}

const cursorOf = ({ startedAtMs, doorId, visitId }: Place): string =>
  `${startedAtMs}.${doorId}.${visitId}`

/** The cursor comes from a browser. `doorKey` refuses one that names another household's door. */
function placeAt(household: string, cursor: string): Place {
  const [, startedAtMs, doorId = '', visitId = ''] =
    /^(\d{1,15})\.([\w-]{1,64})\.([0-9a-f]{32})$/.exec(cursor) ?? []
  if (startedAtMs === undefined) {
    throw new StoreFault('malformed-query', 'The cursor of a history is malformed.')
  }
  doorKey({ household, doorId })
  return { startedAtMs: Number(startedAtMs), doorId, visitId }
}

const startKey = (household: string, { startedAtMs, doorId, visitId }: Place): Row => ({
  ...keyOf({ household, doorId, visitId }),
  household,
  startedAtMs,
})

const lastKey = z.object({ pk: z.string(), sk: z.string(), startedAtMs: z.int() })

function lastPlace(key: unknown): Place {
  const { pk, sk, startedAtMs } = z.parse(lastKey, key)
  return { startedAtMs, doorId: pk.slice('door#'.length), visitId: sk.slice('visit#'.length) }
}

/** Negative when the first comes first. Of visits that began at once, the order is arbitrary. */
function newestFirst(one: Place, other: Place): number {
  const [id, otherId] = [one.doorId + one.visitId, other.doorId + other.visitId]
  return other.startedAtMs - one.startedAtMs || (id < otherId ? -1 : Number(id > otherId))
}

// ---------------------------------------------------------------- with a filter

interface Filtered extends Omit<HistoryQuery, 'after'> {
  readonly keys: readonly string[]
  readonly find: Find
}

/** Index entries may be a moment older than their visits, so each visit is read and asked. */
async function filtered(deps: Deps, query: Filtered, after: Place | null): Promise<HistoryPage> {
  const found: Visit[] = []
  let from = after
  // One more than asked for tells whether there is another page.
  while (found.length <= query.limit) {
    const { places, isLast } = await placesAfter(deps, query, from, query.limit + 1 - found.length)
    const { household } = query
    const visits = await Promise.all(places.map((place) => query.find({ household, ...place })))
    found.push(...visits.filter((visit) => visit !== null).filter((visit) => fits(visit, query)))
    from = places.at(-1) ?? from
    if (isLast) break
  }
  const visits = found.slice(0, query.limit)
  const last = visits.at(-1)
  return { visits, next: found.length > query.limit && last ? cursorOf(last) : null }
}

const entryRow = reader(
  'visits',
  z.object({ doorId: z.string(), visitId: z.string(), startedAtMs: z.int() }),
)

/** Merges the entries of all keys, which are sorted by time. */
async function placesAfter(
  deps: Deps,
  query: Filtered,
  from: Place | null,
  count: number,
): Promise<{ readonly places: readonly Place[]; readonly isLast: boolean }> {
  const { fromMs, toMs } = spanOf(query)
  const span = { fromMs, toMs: Math.min(toMs, from?.startedAtMs ?? toMs) }
  // Two more: where the last page ended, and the last entry, which may not be all of its moment.
  for (let Limit = count + 2; ; Limit *= 2) {
    const pages = await Promise.all(
      query.keys.map(async (key) => {
        const page = await queryIndex(deps, indexPartition(query.household, key), span, { Limit })
        return { entries: readable(page.rows, entryRow, deps.log), isLast: page.last === null }
      }),
    )
    const unsureMs = Math.max(
      ...pages.map(({ entries, isLast }) => (isLast ? -1 : (entries.at(-1)?.startedAtMs ?? -1))),
    )
    const isLast = pages.every((page) => page.isLast)
    const places = distinct(pages.flatMap(({ entries }) => entries))
      .filter((place) => place.startedAtMs > unsureMs)
      .filter((place) => from === null || newestFirst(from, place) < 0)
      .sort(newestFirst)
    if (places.length > 0 || isLast) {
      return { places: places.slice(0, count), isLast: isLast && places.length <= count }
    }
  }
}

const distinct = (places: readonly Place[]): Place[] => [
  ...new Map(places.map((place) => [cursorOf(place), place])).values(),
]

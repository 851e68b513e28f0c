/**
 * Visits, one item each. Every update sets attributes of its own, so updates may repeat, overlap and
 * arrive in any order. It returns the whole item, which saves reading it.
 */
import {
  GetCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import {
  type Log,
  type NewStranger,
  StoreFault,
  type VisitFacts,
  type VisitRef,
  type Visits,
} from '../../ports.ts'
import type { Stranger, Visit } from '../../visits/core/visit.ts'
import {
  doorKey,
  expiryAfterDays,
  householdKey,
  orNull,
  type Row,
  readable,
  reader,
  type Table,
  withoutNulls,
} from './rows.ts'
import { isUnmet, type Unmet, write } from './writes.ts'

type Deps = Table & { readonly log: Pick<Log, 'error'> }

const keptDays = 365
const mostPerPage = 100

export function visitsDynamodb(deps: Deps): Visits {
  return {
    addMatch: (visit, visitorId, snapshot) =>
      changeAlways(deps, visit, {
        add: '#match :snapshots',
        names: { '#match': `match:${visitorId}` },
        values: { ':snapshots': new Set([snapshot]) },
      }),

    addStranger: (visit, stranger) => addStranger(deps, visit, stranger),

    addStrangerSnapshot(visit, number, snapshot, resembles) {
      const { '#snapshots': snapshots, ...stranger } = strangerNames(number)
      return changeAlways(deps, visit, {
        ...(resembles && {
          set: '#stranger.resembles = if_not_exists(#stranger.resembles, :resembles)',
        }),
        add: '#snapshots :snapshots',
        names: { '#snapshots': snapshots, ...(resembles && stranger) },
        values: {
          ':snapshots': new Set([snapshot]),
          ...(resembles && { ':resembles': resembles }),
        },
      })
    },

    async addTimelineEntry(visit, id, entry) {
      await changeAlways(deps, visit, {
        set: '#entry = if_not_exists(#entry, :entry)',
        names: { '#entry': `timelineEntry:${id}` },
        values: { ':entry': entry },
      })
    },

    async end(visit, lastedMs) {
      await changeAlways(deps, visit, {
        set: 'endedAtMs = if_not_exists(endedAtMs, :ended), lastedMs = if_not_exists(lastedMs, :lasted)',
        names: {},
        values: { ':ended': visit.seenAtMs + lastedMs, ':lasted': lastedMs },
      })
    },

    async find(visit) {
      const { client, table: TableName } = deps
      const get = new GetCommand({ TableName, Key: keyOf(visit), ConsistentRead: true })
      const { Item } = await client.send(get)
      return Item ? visitRow(Item) : null
    },

    history: (query) => history(deps, query),

    markSeen: (household, visitorId, atMs) => markSeen(deps, household, visitorId, atMs),

    async forgetSeen(household, visitorId) {
      const update = new UpdateCommand({
        TableName: deps.table,
        Key: seenKey(household),
        UpdateExpression: 'REMOVE #seen',
        ExpressionAttributeNames: { '#seen': `seen:${visitorId}` },
        ConditionExpression: 'attribute_exists(#seen)',
      })
      await write(() => deps.client.send(update))
    },

    async lastSeen(household) {
      const get = new GetCommand({ TableName: deps.table, Key: seenKey(household) })
      const { Item } = await deps.client.send(get)
      return new Map(Object.entries(seenRow(attributes(Item, 'seen'))))
    },
  }
}

async function markSeen(deps: Deps, household: string, visitorId: string, atMs: number) {
  const update = new UpdateCommand({
    TableName: deps.table,
    Key: seenKey(household),
    UpdateExpression: 'SET #seen = :at',
    ConditionExpression: 'attribute_not_exists(#seen) OR #seen < :at',
    ExpressionAttributeNames: { '#seen': `seen:${visitorId}` },
    ExpressionAttributeValues: { ':at': atMs },
  })
  // Unmet after a later time.
  await write(() => deps.client.send(update))
}

async function addStranger(
  deps: Deps,
  visit: VisitFacts,
  { number, face, snapshot, resembles, why }: NewStranger,
) {
  const answer = await change(deps, visit, {
    set: '#stranger = :stranger',
    add: '#snapshots :snapshots',
    condition: 'attribute_not_exists(#stranger)',
    names: strangerNames(number),
    values: {
      ':stranger': withoutNulls({ face, resembles, why: why ?? null }),
      ':snapshots': new Set([snapshot]),
    },
  })
  return isUnmet(answer)
    ? { added: false, visit: visitRow(answer.row) }
    : { added: true, visit: answer }
}

const strangerNames = (number: number) => ({
  '#stranger': `stranger:${number}`,
  '#snapshots': `strangerSnapshots:${number}`,
})

// ---------------------------------------------------------------- one update

interface Change {
  readonly set?: string
  readonly add?: string
  readonly condition?: string
  readonly names: Readonly<Record<string, string>>
  readonly values: Row
}

async function change(
  { client, table }: Deps,
  visit: VisitFacts,
  wanted: Change,
): Promise<Visit | Unmet> {
  const update = new UpdateCommand(updateOf(table, visit, wanted))
  const answer = await write(() => client.send(update))
  return isUnmet(answer) ? answer : visitRow(answer.Attributes)
}

async function changeAlways(deps: Deps, visit: VisitFacts, wanted: Change): Promise<Visit> {
  const answer = await change(deps, visit, wanted)
  if (isUnmet(answer)) throw new StoreFault('busy', 'An update without a condition was refused.')
  return answer
}

/** Whichever update comes first opens the visit. */
function updateOf(table: string, visit: VisitFacts, wanted: Change): UpdateCommandInput {
  const { household, doorId, visitId, number, seenAtMs } = visit
  const ttl = expiryAfterDays(seenAtMs, keptDays)
  const facts = withoutNulls({ household, doorId, visitId, startedAtMs: seenAtMs, number, ttl })
  const names = Object.keys(facts)
  const sets = names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`)
  const set = `SET ${[...sets, ...(wanted.set ? [wanted.set] : [])].join(', ')}`
  return {
    TableName: table,
    Key: keyOf(visit),
    UpdateExpression: wanted.add ? `${set} ADD ${wanted.add}` : set,
    ...(wanted.condition && { ConditionExpression: wanted.condition }),
    ExpressionAttributeNames: {
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ...wanted.names,
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`:${name}`, value])),
      ...wanted.values,
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }
}

// ---------------------------------------------------------------- history

type HistoryQuery = Parameters<Visits['history']>[0]

async function history({ client, table, log }: Deps, query: HistoryQuery) {
  const { household, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit, after } = query
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: 'byHousehold',
      KeyConditionExpression: 'household = :household AND startedAtMs BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':household': household, ':from': fromMs, ':to': toMs },
      ScanIndexForward: false,
      Limit: Math.min(limit, mostPerPage),
      ...(after !== undefined && { ExclusiveStartKey: startKey(household, after) }),
    }),
  )
  const visits = readable(Items, visitRow, log)
  return { visits, next: LastEvaluatedKey ? cursorOf(LastEvaluatedKey) : null }
}

const lastKey = z.object({ pk: z.string(), sk: z.string(), startedAtMs: z.int() })

function cursorOf(key: unknown): string {
  const { pk, sk, startedAtMs } = z.parse(lastKey, key)
  return `${startedAtMs}.${pk.slice('door#'.length)}.${sk.slice('visit#'.length)}`
}

/** The cursor comes from a browser. `keyOf` refuses one that names another household's door. */
function startKey(household: string, cursor: string) {
  const [, startedAtMs, doorId = '', visitId = ''] =
    /^(\d{1,15})\.([\w-]{1,64})\.([0-9a-f]{32})$/.exec(cursor) ?? []
  if (startedAtMs === undefined) {
    throw new StoreFault('malformed-query', 'The cursor of a history is malformed.')
  }
  const key = keyOf({ household, doorId, visitId })
  return { ...key, household, startedAtMs: Number(startedAtMs) }
}

// ---------------------------------------------------------------- the item

/** One item for all visitors of a household, so that a list of them reads one. */
const seenKey = (household: string) => ({ pk: householdKey(household), sk: 'seen' })

const keyOf = (visit: VisitRef) => ({ pk: doorKey(visit), sk: `visit#${visit.visitId}` })

const factsRow = reader(
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
    why: z.optional(z.enum(['welcome-over', 'outside-hours'])),
  }),
)
const strangerSnapshotsRow = allOf(sortedSet)
const grantsRow = allOf(grant)
const seenRow = allOf(z.int())
const timelineRow = allOf(timelineEntry)

const visitRow = (row: unknown): Visit => ({
  ...factsRow(row),
  matches: matchesRow(attributes(row, 'match')),
  strangers: strangersOf(row),
  grants: grantsRow(attributes(row, 'grant')),
  timeline: Object.values(timelineRow(attributes(row, 'timelineEntry'))).sort(
    (a, b) => a.atMs - b.atMs,
  ),
})

/** All attributes `<kind>:<name>`, by name. */
function attributes(row: unknown, kind: string): Row {
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

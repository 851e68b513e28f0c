/**
 * Visits, one item each. Everything that is told about a visit is one update of its item, of
 * attributes that no other kind of news touches, so that news may come twice, in parallel and in
 * any order. The answer is the whole item, which saves reading it.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Log, StoreFault, type VisitFacts, type VisitRef, type Visits } from '../../ports.ts'
import type { Visit } from '../../visits/core/visit.ts'
import { doorKey, goneAfterDays, isUnmet, readable, type Unmet, written } from './rows.ts'
import { visitRow } from './visit-row.ts'

export interface VisitsDeps {
  readonly client: DynamoDBDocumentClient
  readonly table: string
  readonly log: Pick<Log, 'error'>
}

const keptDays = 365
const mostPerPage = 100

export function visitsDynamodb(deps: VisitsDeps): Visits {
  return {
    addMatch: (visit, visitorId, snapshot) =>
      changed(deps, visit, {
        add: '#match :snapshots',
        names: { '#match': `match:${visitorId}` },
        values: { ':snapshots': new Set([snapshot]) },
      }),

    async addStranger(visit, { number, face, snapshot, resembles }) {
      const answer = await change(deps, visit, {
        set: '#stranger = :stranger',
        add: '#snapshots :snapshots',
        condition: 'attribute_not_exists(#stranger)',
        names: { '#stranger': `stranger:${number}`, '#snapshots': `strangerSnapshots:${number}` },
        values: {
          ':stranger': resembles ? { face, resembles } : { face },
          ':snapshots': new Set([snapshot]),
        },
      })
      return isUnmet(answer)
        ? { added: false, visit: visitRow(answer.row) }
        : { added: true, visit: answer }
    },

    addStrangerSnapshot: (visit, number, snapshot, resembles) =>
      changed(deps, visit, {
        ...(resembles && { set: '#stranger.resembles = if_not_exists(#stranger.resembles, :who)' }),
        add: '#snapshots :snapshots',
        names: {
          ...(resembles && { '#stranger': `stranger:${number}` }),
          '#snapshots': `strangerSnapshots:${number}`,
        },
        values: { ...(resembles && { ':who': resembles }), ':snapshots': new Set([snapshot]) },
      }),

    async tell(visit, id, timelineEntry) {
      await changed(deps, visit, {
        set: '#entry = if_not_exists(#entry, :entry)',
        names: { '#entry': `timelineEntry:${id}` },
        values: { ':entry': timelineEntry },
      })
    },

    async end(visit, lastedMs) {
      await changed(deps, visit, {
        set: 'endedAtMs = if_not_exists(endedAtMs, :ended), lastedMs = if_not_exists(lastedMs, :lasted)',
        names: {},
        values: { ':ended': visit.seenAtMs + lastedMs, ':lasted': lastedMs },
      })
    },

    async find(visit) {
      const Key = keyOf(visit)
      const { client, table } = deps
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key, ConsistentRead: true }),
      )
      return Item ? visitRow(Item) : null
    },

    history: (query) => history(deps, query),
  }
}

const keyOf = (visit: VisitRef) => ({ pk: doorKey(visit), sk: `visit#${visit.visitId}` })

// ---------------------------------------------------------------- one update

interface Change {
  readonly set?: string
  readonly add?: string
  readonly condition?: string
  readonly names: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, unknown>>
}

/** Whichever news comes first opens the visit. */
async function change(
  { client, table }: VisitsDeps,
  visit: VisitFacts,
  news: Change,
): Promise<Visit | Unmet> {
  const answer = await written(() => client.send(new UpdateCommand(update(table, visit, news))))
  return isUnmet(answer) ? answer : visitRow(answer.Attributes)
}

async function changed(deps: VisitsDeps, visit: VisitFacts, news: Change): Promise<Visit> {
  const answer = await change(deps, visit, news)
  if (isUnmet(answer)) throw new StoreFault('busy', 'An update without a condition was refused.')
  return answer
}

function update(table: string, visit: VisitFacts, news: Change): UpdateCommandInput {
  const { household, doorId, visitId, number, seenAtMs } = visit
  const facts = { household, doorId, visitId, startedAtMs: seenAtMs, number }
  const opening = { ...facts, ttl: goneAfterDays(seenAtMs, keptDays) }
  const known = Object.entries(opening).filter(([, value]) => value !== null)
  const sets = known.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`)
  return {
    TableName: table,
    Key: keyOf(visit),
    UpdateExpression: [
      `SET ${[...sets, ...(news.set ? [news.set] : [])].join(', ')}`,
      ...(news.add ? [`ADD ${news.add}`] : []),
    ].join(' '),
    ...(news.condition && { ConditionExpression: news.condition }),
    ExpressionAttributeNames: {
      ...Object.fromEntries(known.map(([name]) => [`#${name}`, name])),
      ...news.names,
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
      ...news.values,
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }
}

// ---------------------------------------------------------------- history

type HistoryQuery = Parameters<Visits['history']>[0]

async function history({ client, table, log }: VisitsDeps, query: HistoryQuery) {
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
  return { visits, next: LastEvaluatedKey ? markOf(LastEvaluatedKey) : null }
}

const lastKey = z.object({ pk: z.string(), sk: z.string(), startedAtMs: z.int() })

function markOf(key: unknown): string {
  const { pk, sk, startedAtMs } = z.parse(lastKey, key)
  return `${startedAtMs}.${pk.slice('door#'.length)}.${sk.slice('visit#'.length)}`
}

/** It comes back from a browser, so it can only ever name a place in the household that asks. */
function startKey(household: string, after: string) {
  const [, startedAtMs, doorId = '', visitId = ''] =
    /^(\d{1,15})\.([\w-]{1,64})\.([0-9a-f]{32})$/.exec(after) ?? []
  if (startedAtMs === undefined) {
    throw new StoreFault('malformed-query', 'A history cannot go on from what was given.')
  }
  const key = keyOf({ household, doorId, visitId })
  return { ...key, household, startedAtMs: Number(startedAtMs) }
}

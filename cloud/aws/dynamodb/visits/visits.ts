/**
 * Visits, one item each. Every update sets attributes of its own, so updates may repeat, overlap and
 * arrive in any order. It returns the whole item, which saves reading it.
 */
import {
  GetCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import {
  type Log,
  type NewStranger,
  StoreFault,
  type VisitFacts,
  type VisitRef,
  type Visits,
} from '../../../ports.ts'
import { retentionDays } from '../../../retention.ts'
import { mostScans, type Visit } from '../../../visits/core/visit.ts'
import { expiryAfterDays, type Row, readable, type Table, withoutNulls } from '../rows.ts'
import { isUnmet, type Unmet, write } from '../writes.ts'
import { history } from './history.ts'
import { hideAll, keepEntries, updateIndex } from './index-entries.ts'
import { lastSeenDynamodb } from './last-seen.ts'
import { isRemoved, keyOf, visitRow } from './row.ts'

type Deps = Table & { readonly log: Pick<Log, 'error'> }

const keptDays = retentionDays.visits
/** In the year 2286. Null would let a later update set the usual one. */
const neverTtl = 9_999_999_999

export function visitsDynamodb(deps: Deps): Visits {
  return {
    ...lastSeenDynamodb(deps),

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

    async addScan(visit, subject) {
      const answer = await change(deps, visit, {
        add: 'scans :scans',
        condition:
          '(attribute_not_exists(scans) OR (NOT contains(scans, :scan) AND size(scans) < :most))',
        names: {},
        values: { ':scans': new Set([subject]), ':scan': subject, ':most': mostScans },
      })
      if (!isUnmet(answer)) return 'added'
      return visitRow(answer.row).scans.includes(subject) ? 'taken' : 'full'
    },

    addTimelineEntry: (visit, id, entry) =>
      changeAndIndex(deps, visit, {
        set: '#entry = if_not_exists(#entry, :entry)',
        names: { '#entry': `timelineEntry:${id}` },
        values: { ':entry': entry },
      }),

    end: (visit, lastedMs) =>
      changeAndIndex(deps, visit, {
        set: 'endedAtMs = if_not_exists(endedAtMs, :ended), lastedMs = if_not_exists(lastedMs, :lasted)',
        names: {},
        values: { ':ended': visit.seenAtMs + lastedMs, ':lasted': lastedMs },
      }),

    async find(ref) {
      const row = await rowOf(deps, ref, true)
      return row && visitRow(row)
    },

    async index(ref) {
      const row = await rowOf(deps, ref, true)
      const visit = row && visitRow(row)
      if (visit) await updateIndex(deps, visit, row)
      return visit
    },

    async correct(ref, subject, correction) {
      const row = await changeExisting(deps, ref, {
        set: '#correction = :correction',
        names: { '#correction': `correction:${subject}` },
        values: { ':correction': correction },
      })
      const visit = row && visitRow(row)
      if (visit) await updateIndex(deps, visit, row)
      return visit
    },

    async keep(ref, kept) {
      const row = await changeExisting(deps, ref, {
        set: 'kept = if_not_exists(kept, :kept), #ttl = :never',
        names: { '#ttl': 'ttl' },
        values: { ':kept': kept, ':never': neverTtl },
      })
      const visit = row && visitRow(row)
      if (visit) await keepEntries(deps, visit, row)
      return visit
    },

    remove: (ref, atMs) => remove(deps, ref, atMs),

    // A reader of many visits needs none of them to the millisecond.
    history: (query) => history(deps, query, (ref) => readableVisit(deps, ref)),
  }
}

async function readableVisit(deps: Deps, ref: VisitRef): Promise<Visit | null> {
  const row = await rowOf(deps, ref, false)
  return (row && readable([row], visitRow, deps.log)[0]) ?? null
}

/** Null for a visit that a member deleted. */
async function rowOf(
  { client, table: TableName }: Deps,
  ref: VisitRef,
  ConsistentRead: boolean,
): Promise<Row | null> {
  const { Item } = await client.send(new GetCommand({ TableName, Key: keyOf(ref), ConsistentRead }))
  return Item && !isRemoved(Item) ? Item : null
}

/** Leaves only the fact, for as long as messages about the visit may arrive. */
async function remove(deps: Deps, ref: VisitRef, removedAtMs: number): Promise<void> {
  const row = await rowOf(deps, ref, true)
  if (!row) return
  await hideAll(deps, visitRow(row), row)
  const ttl = expiryAfterDays(removedAtMs, keptDays)
  const { client, table: TableName } = deps
  await client.send(new PutCommand({ TableName, Item: { ...keyOf(ref), removedAtMs, ttl } }))
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
    : { added: true, visit: visitRow(answer) }
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
): Promise<Row | Unmet> {
  const update = new UpdateCommand(updateOf(table, visit, wanted))
  const answer = await write(() => client.send(update))
  if (!isUnmet(answer)) return answer.Attributes ?? {}
  if (!isRemoved(answer.row)) return answer
  throw new StoreFault('removed', 'The visit was deleted by a member.')
}

async function changeAlways(deps: Deps, visit: VisitFacts, wanted: Change): Promise<Visit> {
  return visitRow(await changedRow(deps, visit, wanted))
}

async function changedRow(deps: Deps, visit: VisitFacts, wanted: Change): Promise<Row> {
  const answer = await change(deps, visit, wanted)
  if (isUnmet(answer)) throw new StoreFault('busy', 'An update without a condition was refused.')
  return answer
}

/** Nothing is added to a visit that was deleted: a door may report about it later. */
async function changeAndIndex(deps: Deps, visit: VisitFacts, wanted: Change): Promise<void> {
  try {
    const row = await changedRow(deps, visit, wanted)
    await updateIndex(deps, visitRow(row), row)
  } catch (error) {
    if (!(error instanceof StoreFault && error.code === 'removed')) throw error
  }
}

/** Null when there is no such visit. */
async function changeExisting(
  { client, table }: Deps,
  ref: VisitRef,
  { set, names, values }: Required<Pick<Change, 'set' | 'names' | 'values'>>,
): Promise<Row | null> {
  const update = new UpdateCommand({
    TableName: table,
    Key: keyOf(ref),
    UpdateExpression: `SET ${set}`,
    ConditionExpression: 'attribute_exists(startedAtMs)',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
  })
  const answer = await write(() => client.send(update))
  return isUnmet(answer) ? null : (answer.Attributes ?? null)
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
    ConditionExpression: ['attribute_not_exists(removedAtMs)', wanted.condition]
      .filter((condition) => condition !== undefined)
      .join(' AND '),
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

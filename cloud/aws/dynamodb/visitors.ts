/** Visitors on file. A revision keeps a writer from overwriting a change it has not read. */
import { GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod/mini'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import type { Log, Visitors } from '../../ports.ts'
import { retentionDays } from '../../retention.ts'
import type { Visitor } from '../../visitors/core/visitor.ts'
import {
  expiryAfterDays,
  householdKey,
  orNull,
  queryAll,
  type Row,
  readable,
  reader,
  type Table,
  withoutNulls,
} from './rows.ts'
import { image, isUnmet, write, writeTogether } from './writes.ts'

type Deps = Table & { readonly log: Pick<Log, 'error'> }

export function visitorsDynamodb(deps: Deps): Visitors {
  const { client, table: TableName } = deps
  return {
    find: (household, visitorId) => find(deps, household, visitorId),

    async put(visitor) {
      const put = new PutCommand({ TableName, Item: visitorItem(visitor), ...ifUnchanged(visitor) })
      return !isUnmet(await write(() => client.send(put)))
    },

    async list(household) {
      const rows = await rowsOf(deps, household, isListed)
      return readable(rows, visitorOf, deps.log).filter((visitor) => visitor !== null)
    },

    async people(household) {
      const { pk, sk } = keyOf(household, '')
      const rows = await queryAll(deps, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        FilterExpression: isListed,
        ProjectionExpression: [...listed, 'pk', 'sk'].map((name) => `#${name}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(
          [...listed, 'pk', 'sk'].map((name) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
        ConsistentRead: true,
      })
      return readable(rows, listedRow, deps.log)
    },

    async merge(kept, gone) {
      const both = new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: visitorItem(kept), ...ifUnchanged(kept) } },
          { Put: { TableName, Item: mergedItem(gone, kept), ...ifUnchanged(gone) } },
        ],
      })
      return (await writeTogether(() => client.send(both))) === null
    },

    async setFaceIds(household, visitorId, faceIds) {
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(household, visitorId),
        UpdateExpression: 'SET faceIds = :faceIds, revision = revision + :one',
        ConditionExpression: isOnFile,
        ExpressionAttributeValues: { ':faceIds': faceIds, ':one': 1 },
      })
      return !isUnmet(await write(() => client.send(update)))
    },

    async remove(household, visitorId, atMs) {
      const Item = removalItem(household, visitorId, atMs)
      const ConditionExpression = 'attribute_exists(pk) AND attribute_not_exists(removedAtMs)'
      const put = new PutCommand({ TableName, Item, ConditionExpression })
      // Unmet when the visitor is not on file: then there is nothing to do.
      await write(() => client.send(put))
    },

    async removedSince(household, sinceMs) {
      const rows = await rowsOf(deps, household, 'removedAtMs >= :since', { ':since': sinceMs })
      return readable(rows, (row) => removalRow(row).visitorId, deps.log)
    },
  }
}

const isListed = 'attribute_not_exists(removedAtMs) AND attribute_not_exists(mergedInto)'
const isOnFile = `attribute_exists(pk) AND ${isListed}`

/** Follows a visitor who was merged into another, who may have been merged too. */
async function find(deps: Deps, household: string, visitorId: string): Promise<Visitor | null> {
  const Key = keyOf(household, visitorId)
  const get = new GetCommand({ TableName: deps.table, Key, ConsistentRead: true })
  const { Item } = await deps.client.send(get)
  const mergedInto = Item && mergedRow(Item).mergedInto
  if (mergedInto) return find(deps, household, mergedInto)
  return Item ? visitorOf(Item) : null
}

const ifUnchanged = ({ revision }: Visitor) =>
  revision === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: `${isOnFile} AND revision = :revision`,
        ExpressionAttributeValues: { ':revision': revision },
      }

function rowsOf(deps: Deps, household: string, filter: string, values: Row = {}): Promise<Row[]> {
  const { pk, sk } = keyOf(household, '')
  return queryAll(deps, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
    FilterExpression: filter,
    ExpressionAttributeValues: { ...values, ':pk': pk, ':sk': sk },
    ConsistentRead: true,
  })
}

// ---------------------------------------------------------------- the item

const keyOf = (household: string, visitorId: string) => ({
  pk: householdKey(household),
  sk: `visitor#${visitorId}`,
})

/** With the next revision. */
export const visitorItem = ({ removedAtMs: _, ...visitor }: Visitor) => ({
  ...keyOf(visitor.household, visitor.visitorId),
  ...withoutNulls(visitor),
  revision: visitor.revision + 1,
})

/** Doors that were offline for longer get the complete list anyway. */
const removalKeptDays = retentionDays.removals

/** Replaces the whole item, so that nothing of the person remains. */
const removalItem = (household: string, visitorId: string, removedAtMs: number) => ({
  ...keyOf(household, visitorId),
  household,
  visitorId,
  removedAtMs,
  ttl: expiryAfterDays(removedAtMs, removalKeptDays),
})

const mergedItem = ({ household, visitorId }: Visitor, into: Visitor) => ({
  ...keyOf(household, visitorId),
  household,
  visitorId,
  mergedInto: into.visitorId,
})

const mergedRow = reader('visitors', z.object({ mergedInto: z.optional(z.string()) }))

const removalRow = reader('visitors', z.object({ visitorId: z.string(), removedAtMs: z.int() }))

const visitorSchema = z.object({
  household: z.string(),
  visitorId: z.string(),
  revision: z.int().check(z.positive()),
  name: z.string(),
  language: languageSchema,
  contact: z.object({
    prefers: z.enum(['sms', 'email']),
    phone: z.nullable(z.string()),
    email: z.nullable(z.string()),
  }),
  remembersFace: z.boolean(),
  consent: z.optional(z.object({ atMs: z.int(), by: z.string(), wording: z.string() })),
  faceIds: z.array(z.string()),
  photo: orNull(z.object({ key: z.string(), sha256: z.string() })),
  createdAtMs: z.int(),
  welcomeUntilMs: orNull(z.int()),
  trusted: z.boolean(),
  tags: z.array(z.string()),
  notes: z.optional(z.string()),
  lists: z.optional(z.array(z.string())),
  blocked: z.optional(z.boolean()),
  merged: z.optional(z.array(z.string())),
})
const visitorRow = reader('visitors', visitorSchema)

const listedSchema = z.pick(visitorSchema, {
  ...{ visitorId: true, name: true, tags: true, trusted: true, blocked: true, lists: true },
  ...{ welcomeUntilMs: true, createdAtMs: true, photo: true },
})
const listed = Object.keys(listedSchema.shape)
const listedRow = reader('visitors', listedSchema)

/** Null for one who was removed or merged into another. */
const visitorOf = (row: Row): Visitor | null =>
  'removedAtMs' in row || 'mergedInto' in row ? null : { ...visitorRow(row), removedAtMs: null }

// ---------------------------------------------------------------- images in the table's stream

/** Null for no image, for a removed visitor, and for other rows than visitors. */
export function visitorOfImage(item: unknown): Visitor | null {
  if (item === undefined) return null
  const row = unmarshall(z.parse(image, item))
  return String(row['sk']).startsWith('visitor#') ? visitorOf(row) : null
}

/** Who the visitor of an image was merged into. */
export function mergedIntoOfImage(item: unknown): string | null {
  if (item === undefined) return null
  const row = unmarshall(z.parse(image, item))
  return (String(row['sk']).startsWith('visitor#') && mergedRow(row).mergedInto) || null
}

const keyImage = z.object({
  pk: z.object({ S: z.string().check(z.startsWith('household#')) }),
  sk: z.object({ S: z.string().check(z.startsWith('visitor#')) }),
})

/** Whose image it is, also when the rest of it is malformed. */
export function ownerOfImage(item: unknown): { household: string; visitorId: string } | null {
  const { data } = z.safeParse(keyImage, item)
  return (
    (data && {
      household: data.pk.S.slice('household#'.length),
      visitorId: data.sk.S.slice('visitor#'.length),
    }) ??
    null
  )
}

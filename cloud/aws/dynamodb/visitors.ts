/** Visitors on file. A revision keeps a writer from overwriting a change it has not read. */
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod/mini'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import type { Log, Visitors } from '../../ports.ts'
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
import { image, isUnmet, write } from './writes.ts'

type Deps = Table & { readonly log: Pick<Log, 'error'> }

export function visitorsDynamodb(deps: Deps): Visitors {
  const { client, table: TableName } = deps
  return {
    async find(household, visitorId) {
      const Key = keyOf(household, visitorId)
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
      return Item ? visitorOf(Item) : null
    },

    async put(visitor) {
      const put = new PutCommand({ TableName, Item: visitorItem(visitor), ...ifUnchanged(visitor) })
      return !isUnmet(await write(() => client.send(put)))
    },

    async list(household) {
      const rows = await rowsOf(deps, household, 'attribute_not_exists(removedAtMs)')
      return readable(rows, visitorOf, deps.log).filter((visitor) => visitor !== null)
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
      const put = new PutCommand({ TableName, Item, ConditionExpression: isOnFile })
      // Unmet when the visitor is not on file: then there is nothing to do.
      await write(() => client.send(put))
    },

    async removedSince(household, sinceMs) {
      const rows = await rowsOf(deps, household, 'removedAtMs >= :since', { ':since': sinceMs })
      return readable(rows, (row) => removalRow(row).visitorId, deps.log)
    },
  }
}

const isOnFile = 'attribute_exists(pk) AND attribute_not_exists(removedAtMs)'

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
const removalKeptDays = 365

/** Replaces the whole item, so that nothing of the person remains. */
const removalItem = (household: string, visitorId: string, removedAtMs: number) => ({
  ...keyOf(household, visitorId),
  household,
  visitorId,
  removedAtMs,
  ttl: expiryAfterDays(removedAtMs, removalKeptDays),
})

const removalRow = reader('visitors', z.object({ visitorId: z.string(), removedAtMs: z.int() }))

const visitorRow = reader(
  'visitors',
  z.object({
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
  }),
)

/** Null for one who was removed. */
const visitorOf = (row: Row): Visitor | null =>
  'removedAtMs' in row ? null : { ...visitorRow(row), removedAtMs: null }

// ---------------------------------------------------------------- images in the table's stream

/** Null for no image, for a removed visitor, and for other rows than visitors. */
export function visitorOfImage(item: unknown): Visitor | null {
  if (item === undefined) return null
  const row = unmarshall(z.parse(image, item))
  return String(row['sk']).startsWith('visitor#') ? visitorOf(row) : null
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

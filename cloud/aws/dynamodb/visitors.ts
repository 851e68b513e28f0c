/** Who is on file, by household. What was read before somebody else's change is never written over it. */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import type { Log, Visitors } from '../../ports.ts'
import type { Visitor } from '../../visitors/core/people.ts'
import { isUnmet, readable, written } from './rows.ts'
import { removalLine, removedIdOf, visitorKey, visitorLine, visitorOf } from './visitor-row.ts'

export interface VisitorsDeps {
  readonly client: DynamoDBDocumentClient
  readonly table: string
  readonly log: Pick<Log, 'error'>
}

export function visitorsDynamodb(deps: VisitorsDeps): Visitors {
  const { client, table: TableName } = deps
  return {
    async find(household, visitorId) {
      const Key = visitorKey(household, visitorId)
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
      return Item ? visitorOf(Item) : null
    },

    async put(visitor) {
      const put = new PutCommand({ TableName, Item: visitorLine(visitor), ...asRead(visitor) })
      return !isUnmet(await written(() => client.send(put)))
    },

    async list(household) {
      const rows = await rowsOf(deps, household, 'attribute_not_exists(removedAtMs)')
      return readable(rows, visitorOf, deps.log).filter((visitor) => visitor !== null)
    },

    async setFaceIds(household, visitorId, faceIds) {
      const update = new UpdateCommand({
        TableName,
        Key: visitorKey(household, visitorId),
        UpdateExpression: 'SET faceIds = :faceIds, revision = revision + :one',
        ConditionExpression: isOnFile,
        ExpressionAttributeValues: { ':faceIds': faceIds, ':one': 1 },
      })
      return !isUnmet(await written(() => client.send(update)))
    },

    async remove(household, visitorId, atMs) {
      const Item = removalLine(household, visitorId, atMs)
      const put = new PutCommand({ TableName, Item, ConditionExpression: isOnFile })
      // Whoever was never on file, or is removed already, leaves nothing to do.
      await written(() => client.send(put))
    },

    async removedSince(household, sinceMs) {
      const rows = await rowsOf(deps, household, 'removedAtMs >= :since', { ':since': sinceMs })
      return readable(rows, removedIdOf, deps.log)
    },
  }
}

const isOnFile = 'attribute_exists(pk) AND attribute_not_exists(removedAtMs)'

const asRead = ({ revision }: Visitor) =>
  revision === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: `${isOnFile} AND revision = :revision`,
        ExpressionAttributeValues: { ':revision': revision },
      }

async function rowsOf(
  { client, table }: VisitorsDeps,
  household: string,
  filter: string,
  values: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>[]> {
  const { pk, sk } = visitorKey(household, '')
  const rows: Record<string, unknown>[] = []
  let ExclusiveStartKey: Record<string, unknown> | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        FilterExpression: filter,
        ExpressionAttributeValues: { ...values, ':pk': pk, ':sk': sk },
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    rows.push(...Items)
    ExclusiveStartKey = LastEvaluatedKey
  } while (ExclusiveStartKey)
  return rows
}

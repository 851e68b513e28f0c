/** One item for each effect: who has begun it until when, and whether it is done. */
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Once } from '../ports.ts'
import { counted, goneAfterDays, isUnmet, written } from '../table-lines.ts'

export interface OnceDeps {
  readonly client: DynamoDBDocumentClient
  readonly table: string
}

/** Nothing is delivered again after so long. */
const keptDays = 30

export function onceDynamodb({ client, table }: OnceDeps): Once {
  return {
    async begin(key, nowMs, leaseUntilMs) {
      const update = new UpdateCommand({
        TableName: table,
        Key: keyOf(key),
        UpdateExpression: 'SET leaseUntilMs = :until, #ttl = :ttl',
        ConditionExpression:
          'attribute_not_exists(pk) OR (attribute_not_exists(finishedAtMs) AND leaseUntilMs <= :now)',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':until': leaseUntilMs,
          ':now': nowMs,
          ':ttl': goneAfterDays(nowMs, keptDays),
        },
      })
      return isUnmet(await written(() => client.send(update))) ? 'taken' : 'mine'
    },

    async finish(key, atMs) {
      const update = new UpdateCommand({
        TableName: table,
        Key: keyOf(key),
        UpdateExpression: 'SET finishedAtMs = if_not_exists(finishedAtMs, :at), #ttl = :ttl',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':at': atMs, ':ttl': goneAfterDays(atMs, keptDays) },
      })
      await written(() => client.send(update))
    },

    async allows(key, limits, nowMs) {
      const place = { pk: `limit#${key}`, sk: 'limit' }
      const update = new UpdateCommand(counted(table, place, limits, nowMs))
      return !isUnmet(await written(() => client.send(update)))
    },
  }
}

const keyOf = (key: string) => ({ pk: `once#${key}`, sk: 'once' })

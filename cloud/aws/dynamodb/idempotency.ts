/** One item for each effect: who has started it until when, and whether it is done. */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { IdempotencyStore } from '../../ports.ts'
import { expiryAfterDays, type Table } from './rows.ts'
import { countUpdate, isUnmet, write } from './writes.ts'

/** No event is delivered again after so long. */
const keptDays = 30

export function idempotencyDynamodb({ client, table: TableName }: Table): IdempotencyStore {
  const ExpressionAttributeNames = { '#ttl': 'ttl' }
  return {
    async begin(key, nowMs, leaseUntilMs) {
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(key),
        UpdateExpression: 'SET leaseUntilMs = :until, #ttl = :ttl',
        ConditionExpression:
          'attribute_not_exists(pk) OR (attribute_not_exists(finishedAtMs) AND leaseUntilMs <= :now)',
        ExpressionAttributeNames,
        ExpressionAttributeValues: {
          ':until': leaseUntilMs,
          ':now': nowMs,
          ':ttl': expiryAfterDays(nowMs, keptDays),
        },
      })
      return isUnmet(await write(() => client.send(update))) ? 'taken' : 'mine'
    },

    async finish(key, atMs) {
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(key),
        UpdateExpression: 'SET finishedAtMs = if_not_exists(finishedAtMs, :at), #ttl = :ttl',
        ExpressionAttributeNames,
        ExpressionAttributeValues: { ':at': atMs, ':ttl': expiryAfterDays(atMs, keptDays) },
      })
      await write(() => client.send(update))
    },

    async allows(key, limits, nowMs) {
      const place = { pk: `limit#${key}`, sk: 'limit' }
      const update = new UpdateCommand(countUpdate(TableName, place, limits, nowMs))
      return !isUnmet(await write(() => client.send(update)))
    },
  }
}

const keyOf = (key: string) => ({ pk: `once#${key}`, sk: 'once' })

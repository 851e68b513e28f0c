/** One item for each effect: who has begun it until when, and whether it is done. */
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { IdempotencyStore } from '../../ports.ts'
import { counted, goneAfterDays, isUnmet, reader, written } from './rows.ts'

export interface OnceDeps {
  readonly client: DynamoDBDocumentClient
  readonly table: string
}

/** Nothing is delivered again after so long. */
const keptDays = 30

/** A door that was away for longer than this begins anew. */
const marksKeptDays = 365

const markRow = reader('visits', z.object({ seq: z.int(), id: z.string(), atMs: z.int() }))

export function onceDynamodb({ client, table }: OnceDeps): IdempotencyStore {
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

    async highest(key, mark) {
      const update = new UpdateCommand({
        TableName: table,
        Key: { pk: `highest#${key}`, sk: 'highest' },
        UpdateExpression: 'SET seq = :seq, id = :id, atMs = :at, #ttl = :ttl',
        ConditionExpression: 'attribute_not_exists(pk) OR seq < :seq',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ...{ ':seq': mark.seq, ':id': mark.id, ':at': mark.atMs },
          ':ttl': goneAfterDays(mark.atMs, marksKeptDays),
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
      const answer = await written(() => client.send(update))
      return isUnmet(answer) ? markRow(answer.row) : mark
    },
  }
}

const keyOf = (key: string) => ({ pk: `once#${key}`, sk: 'once' })

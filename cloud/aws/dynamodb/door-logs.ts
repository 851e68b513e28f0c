/** One item for each message of a door: number and hash. And one for the last change of a door's log. */
import { PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import type { DoorLogs } from '../../ports.ts'
import { retentionDays } from '../../retention.ts'
import { doorKey, expiryAfterDays, reader, type Table } from './rows.ts'
import { isUnmet, write } from './writes.ts'

const keptDays = retentionDays.doorLog

const logRow = reader(
  'visits',
  z.object({ seq: z.int(), hash: z.string(), prev: z.string(), receivedAtMs: z.int() }),
)
const changeRow = reader('visits', z.object({ id: z.string() }))

export function doorLogsDynamodb({ client, table: TableName }: Table): DoorLogs {
  const keyOf = (door: DoorRef) => `${doorKey(door)}#log`
  const placeOf = (seq: number) => String(Math.max(0, seq)).padStart(12, '0')

  async function between(door: DoorRef, fromSeq: number, toSeq: number) {
    const query = new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': keyOf(door),
        ':from': placeOf(fromSeq),
        ':to': `${placeOf(toSeq)}#g`,
      },
      ConsistentRead: true,
    })
    const { Items = [] } = await client.send(query)
    return Items.map(logRow)
  }

  return {
    async add(door, row, receivedAtMs) {
      const put = new PutCommand({
        TableName,
        Item: {
          pk: keyOf(door),
          sk: `${placeOf(row.seq)}#${row.hash}`,
          ...row,
          receivedAtMs,
          ttl: expiryAfterDays(receivedAtMs, keptDays),
        },
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      await write(() => client.send(put))
      // After the write, so that of two messages at once at least one sees the other.
      return between(door, row.seq - 1, row.seq + 1)
    },

    between,

    async change(door, id, nowMs, withinMs) {
      const update = new UpdateCommand({
        TableName,
        Key: { pk: keyOf(door), sk: 'change' },
        UpdateExpression: 'SET id = :id, atMs = :now',
        ConditionExpression: 'attribute_not_exists(pk) OR atMs <= :since',
        ExpressionAttributeValues: { ':id': id, ':now': nowMs, ':since': nowMs - withinMs },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
      const answer = await write(() => client.send(update))
      return isUnmet(answer) ? changeRow(answer.row).id : id
    },
  }
}

/** When each visitor was last recognised: one item for each household, so that a list reads one. */
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { Visits } from '../../../ports.ts'
import { householdKey, reader, type Table } from '../rows.ts'
import { write } from '../writes.ts'
import { attributes } from './row.ts'

const keyOf = (household: string) => ({ pk: householdKey(household), sk: 'seen' })
const attribute = (visitorId: string): string => `seen:${visitorId}`
const seenRow = reader('visits', z.record(z.string(), z.int()))

type LastSeen = Pick<Visits, 'markSeen' | 'forgetSeen' | 'lastSeen'>

export const lastSeenDynamodb = ({ client, table: TableName }: Table): LastSeen => ({
  async markSeen(household, visitorId, atMs) {
    const update = new UpdateCommand({
      TableName,
      Key: keyOf(household),
      UpdateExpression: 'SET #seen = :at',
      ConditionExpression: 'attribute_not_exists(#seen) OR #seen < :at',
      ExpressionAttributeNames: { '#seen': attribute(visitorId) },
      ExpressionAttributeValues: { ':at': atMs },
    })
    // Unmet after a later time.
    await write(() => client.send(update))
  },

  async forgetSeen(household, visitorId) {
    const update = new UpdateCommand({
      TableName,
      Key: keyOf(household),
      UpdateExpression: 'REMOVE #seen',
      ExpressionAttributeNames: { '#seen': attribute(visitorId) },
      ConditionExpression: 'attribute_exists(#seen)',
    })
    await write(() => client.send(update))
  },

  async lastSeen(household) {
    const { Item } = await client.send(new GetCommand({ TableName, Key: keyOf(household) }))
    return new Map(Object.entries(seenRow(attributes(Item, 'seen'))))
  },
})

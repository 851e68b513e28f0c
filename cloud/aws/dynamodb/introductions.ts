/** One item for each door: what it declared when it last connected. */
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import type { Introductions } from '../../ports.ts'
import { doorKey, reader } from './rows.ts'

const introductionRow = reader(
  'visits',
  z.object({
    software: z.string(),
    protocol: z.int(),
    capabilities: z.array(z.string()),
    atMs: z.int(),
  }),
)

export function introductionsDynamodb({
  client,
  table: TableName,
}: {
  readonly client: DynamoDBDocumentClient
  readonly table: string
}): Introductions {
  const keyOf = (door: DoorRef) => ({ pk: doorKey(door), sk: 'introduction' })
  return {
    async find(door) {
      const get = new GetCommand({ TableName, Key: keyOf(door), ConsistentRead: true })
      const { Item } = await client.send(get)
      return Item ? introductionRow(Item) : null
    },
    async put(door, introduction) {
      await client.send(new PutCommand({ TableName, Item: { ...introduction, ...keyOf(door) } }))
    },
  }
}

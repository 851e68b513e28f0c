/** The tables themselves: how they are created, and how their items expire. */
import * as z from 'zod/mini'
import { type Dynalite, type Item, itemSchema } from './dynalite.ts'
import { errorOf, type Write, writeItem } from './writes.ts'

export interface TableDefinition extends Item {
  readonly TableName: string
}

const described = z.object({ Table: z.object({ TableStatus: z.string() }) })

/** A table that is already there stays as it is. */
export async function createTable(dynalite: Dynalite, definition: TableDefinition): Promise<void> {
  const reply = await dynalite.call('CreateTable', definition)
  if (reply.status !== 200 && errorOf(reply) !== 'ResourceInUseException') {
    throw new Error(`${errorOf(reply)}: ${reply.body['message']}`)
  }
  const { TableName } = definition
  for (;;) {
    const { body } = await dynalite.call('DescribeTable', { TableName })
    if (described.safeParse(body).data?.Table.TableStatus === 'ACTIVE') return
  }
}

interface Expiry {
  readonly table: string
  /** Of items: when they expire, in seconds. */
  readonly attribute: string
  readonly nowMs: number
}

const found = z.object({
  Items: z.array(itemSchema),
  LastEvaluatedKey: z.optional(itemSchema),
})

/** Deletes what has expired, and returns what that was. */
export async function deleteExpired(
  dynalite: Dynalite,
  { table, attribute, nowMs }: Expiry,
): Promise<readonly Write[]> {
  const deleted: Write[] = []
  let from: Item | undefined
  do {
    const { body } = await dynalite.call('Scan', {
      TableName: table,
      FilterExpression: '#expires <= :now',
      ExpressionAttributeNames: { '#expires': attribute },
      ExpressionAttributeValues: { ':now': { N: String(Math.floor(nowMs / 1_000)) } },
      ...(from && { ExclusiveStartKey: from }),
    })
    const { Items, LastEvaluatedKey } = found.parse(body)
    for (const { pk, sk } of Items) {
      const request = { TableName: table, Key: { pk, sk } }
      const { write } = await writeItem(dynalite, 'DeleteItem', request)
      if (write) deleted.push(write)
    }
    from = LastEvaluatedKey
  } while (from)
  return deleted
}

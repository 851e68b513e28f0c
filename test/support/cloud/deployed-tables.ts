/** The deployment's tables under other names, for tests that need nothing else of it. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod/mini'
import { synthesized } from '../../../simulation/aws/cloudformation/synthesis.ts'
import { pathOf } from '../../../simulation/aws/cloudformation/template.ts'

export interface TableNames {
  readonly visits: string
  readonly visitors: string
  readonly passcodes: string
}

const paths = {
  visits: 'Tables/Visits',
  visitors: 'Tables/Visitors',
  passcodes: 'Tables/Passcodes',
} as const

const keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
/** What a table needs to be written to and read. */
const tableSchema = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  KeySchema: keys,
  GlobalSecondaryIndexes: z.optional(
    z.array(
      z.object({
        IndexName: z.string(),
        KeySchema: keys,
        Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
      }),
    ),
  ),
})

/** Tables that already exist stay as they are. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  const { Resources } = await synthesized()
  const propertiesAt = (path: string) =>
    Object.entries(Resources).find(([id, one]) => pathOf(id, one) === path)?.[1].Properties
  for (const table of ['visits', 'visitors', 'passcodes'] as const) {
    const { GlobalSecondaryIndexes: indexes, ...definition } = tableSchema.parse(
      propertiesAt(paths[table]),
    )
    const TableName = names[table]
    const more = indexes && { GlobalSecondaryIndexes: indexes }
    await client
      .send(new CreateTableCommand({ ...definition, ...more, TableName }))
      .catch((problem) => {
        if (!(problem instanceof ResourceInUseException)) throw problem
      })
    while (!(await isActive(client, TableName))) {
      // The stand-in needs only as long as its answer.
    }
  }
}

async function isActive(client: DynamoDBClient, TableName: string): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }))
  return Table?.TableStatus === 'ACTIVE'
}

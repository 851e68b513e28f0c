/** The product's three tables with their indexes, as the infrastructure creates them. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'

export interface TableNames {
  readonly visits: string
  readonly visitors: string
  readonly passcodes: string
}

/** Tables that already exist stay as they are. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  for (const definition of definitions(names)) await createTable(client, definition)
}

type Definition = CreateTableCommandInput & { readonly TableName: string }

const definitions = (names: TableNames): readonly Definition[] => [
  {
    ...keyed(names.visits, { household: 'S', startedAtMs: 'N' }),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byHousehold',
        KeySchema: [
          { AttributeName: 'household', KeyType: 'HASH' },
          { AttributeName: 'startedAtMs', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
  {
    ...keyed(names.visitors, { kind: 'S' }),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'everyHousehold',
        KeySchema: [
          { AttributeName: 'kind', KeyType: 'HASH' },
          { AttributeName: 'pk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
  keyed(names.passcodes, {}),
]

const keyed = (table: string, indexed: Readonly<Record<string, 'S' | 'N'>>): Definition => ({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    ...Object.entries(indexed).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
})

async function createTable(client: DynamoDBClient, definition: Definition): Promise<void> {
  const { TableName } = definition
  try {
    await client.send(new CreateTableCommand(definition))
  } catch (problem) {
    if (!(problem instanceof ResourceInUseException)) throw problem
  }
  while (!(await isActive(client, TableName))) {
    // dynalite needs only as long as its answer.
  }
}

async function isActive(client: DynamoDBClient, TableName: string): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }))
  return Table?.TableStatus === 'ACTIVE'
}

/** Tables of a template. */
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import type { Dynamodb } from './dynamodb.ts'

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.string() }))

const tableSchema = z.strictObject({
  TableName: z.optional(z.string()),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.string() }),
  ),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.optional(
    z.array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.strictObject({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
      }),
    ),
  ),
  StreamSpecification: z.optional(
    z.strictObject({ StreamViewType: z.literal('NEW_AND_OLD_IMAGES') }),
  ),
  TimeToLiveSpecification: z.optional(
    z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }),
  ),
})

const notModelled = {
  DeletionProtectionEnabled: 'Nothing here deletes a table.',
  PointInTimeRecoverySpecification: 'Nothing here restores a backup.',
  SSESpecification: 'The tables are on the disk of this computer.',
}

export const dynamodbTypes = (dynamodb: Dynamodb): ResourceTypes => ({
  'AWS::DynamoDB::Table': resourceType(tableSchema, notModelled, async (properties, at) => {
    const { StreamSpecification, TimeToLiveSpecification: ttl, ...table } = properties
    const TableName = table.TableName ?? at.uniqueName()
    await dynamodb.createTable(
      { ...table, TableName },
      { timeToLive: ttl?.Enabled ? ttl.AttributeName : null },
    )
    const arn = at.arn('dynamodb', `table/${TableName}`)
    const stream = StreamSpecification && { StreamArn: `${arn}/stream/1` }
    return { ref: TableName, attributes: { Arn: arn, ...stream } }
  }),
})

/** Permissions for tables, buckets, queues, secrets and parameters. */
import * as z from 'zod/mini'
import { decoded, unknownOperation } from '../../wire.ts'
import {
  type Asked,
  each,
  fieldsOf,
  nothing,
  optionalText,
  type ServiceNeeds,
  text,
} from './asked.ts'

// ---------------------------------------------------------------- DynamoDB

const tableArn = (name: string, { arn }: Asked): string =>
  name.startsWith('arn:') ? name : arn('dynamodb', `table/${name}`)

const named = z.object({ TableName: text, IndexName: optionalText })

function tableOrIndex(asked: Asked): string {
  const { TableName, IndexName } = fieldsOf(named, asked)
  const table = tableArn(TableName, asked)
  return IndexName === undefined ? table : `${table}/index/${IndexName}`
}

const part = z.object({ TableName: text })
const parts = z.object({
  TransactItems: z.array(
    z.object({
      Put: z.optional(part),
      Update: z.optional(part),
      Delete: z.optional(part),
      ConditionCheck: z.optional(part),
    }),
  ),
})
const actionOfPart = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
}

export const dynamodbNeeds: ServiceNeeds = {
  ...each('dynamodb', ['GetItem', 'Query', 'Scan'], tableOrIndex),
  ...each(
    'dynamodb',
    ['PutItem', 'UpdateItem', 'DeleteItem', 'CreateTable', 'DescribeTable'],
    tableOrIndex,
  ),
  TransactWriteItems: (asked) =>
    fieldsOf(parts, asked).TransactItems.flatMap((item) =>
      Object.entries(actionOfPart).flatMap(([kind, action]) => {
        const target = Object.entries(item).find(([name]) => name === kind)?.[1]
        if (!target) return []
        return [{ action: `dynamodb:${action}`, resource: tableArn(target.TableName, asked) }]
      }),
    ),
}

// ---------------------------------------------------------------- S3

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`
export const objectArn = (bucket: string, key: string): string => `${bucketArn(bucket)}/${key}`

function target({ call }: Asked): { bucket: string; key: string } {
  const [, bucket = '', ...key] = call.rawPath.split('/')
  return { bucket: decoded(bucket), key: decoded(key.join('/')) }
}

const onObject = (action: string) => (asked: Asked) => {
  const { bucket, key } = target(asked)
  return [{ action: `s3:${action}`, resource: objectArn(bucket, key) }]
}

const onBucket = (action: string) => (asked: Asked) => [
  { action: `s3:${action}`, resource: bucketArn(target(asked).bucket) },
]

export const s3Needs: ServiceNeeds = {
  GetObject: onObject('GetObject'),
  HeadObject: onObject('GetObject'),
  PutObject: onObject('PutObject'),
  DeleteObject: onObject('DeleteObject'),
  ListObjectsV2: (asked) => [
    {
      action: 's3:ListBucket',
      resource: bucketArn(target(asked).bucket),
      context: { 's3:prefix': asked.call.query.get('prefix') ?? '' },
    },
  ],
  GetBucketLocation: onBucket('GetBucketLocation'),
  GetBucketEncryption: onBucket('GetEncryptionConfiguration'),
  // S3 answers for each object by itself, and the signer of a form is in the form.
  DeleteObjects: () => [],
  PostObject: () => [],
}

// ---------------------------------------------------------------- SQS

const queue = z.object({ QueueUrl: text })

export const sqsNeeds: ServiceNeeds = each(
  'sqs',
  ['SendMessage', 'ReceiveMessage', 'DeleteMessage'],
  (asked) => asked.arn('sqs', fieldsOf(queue, asked).QueueUrl.split('/').at(-1) ?? ''),
)

// ---------------------------------------------------------------- secrets and parameters

const secret = z.object({ SecretId: text })
const secretArn = (id: string, { records, arn }: Asked): string =>
  records.secretArn(id) ?? (id.startsWith('arn:') ? id : arn('secretsmanager', `secret:${id}`))

export const secretsNeeds: ServiceNeeds = {
  ...each('secretsmanager', ['DeleteSecret', 'GetSecretValue', 'PutSecretValue'], (asked) =>
    secretArn(fieldsOf(secret, asked).SecretId, asked),
  ),
  ...each('secretsmanager', ['ListSecrets'], nothing),
  ...each('secretsmanager', ['CreateSecret'], (asked) =>
    secretArn(fieldsOf(z.object({ Name: text }), asked).Name, asked),
  ),
}

export const ssmNeeds: ServiceNeeds = each('ssm', ['GetParameter'], (asked) => {
  const { Name: name } = fieldsOf(z.object({ Name: text }), asked)
  if (name.startsWith('arn:')) throw unknownOperation('parameters by ARN')
  return asked.arn('ssm', `parameter/${name.replace(/^\//, '')}`)
})

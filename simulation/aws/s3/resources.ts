/** Buckets of a template, and who may use them. */
import * as z from 'zod/mini'
import { addResourcePolicy, type Deployed } from '../cloudformation/deployed.ts'
import { policyDocument, type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import { TemplateError } from '../cloudformation/template.ts'
import type { Iam } from '../iam/iam.ts'
import type { Sqs } from '../sqs/sqs.ts'
import { requestId } from '../wire.ts'
import type { S3Event } from './objects.ts'
import type { S3 } from './s3.ts'

const corsRule = z.strictObject({
  AllowedMethods: z.array(z.string()),
  AllowedOrigins: z.array(z.string()),
  MaxAge: z.optional(z.number()),
})

const lifecycleRule = z.strictObject({
  Status: z.literal('Enabled'),
  Prefix: z.optional(z.string()),
  ExpirationInDays: z.optional(z.number()),
  // The stand-in has no uploads in parts.
  AbortIncompleteMultipartUpload: z.optional(z.unknown()),
})

const prefixFilter = z.strictObject({
  S3Key: z.strictObject({
    Rules: z.tuple([z.strictObject({ Name: z.literal('prefix'), Value: z.string() })]),
  }),
})

const notification = z.strictObject({
  Event: z.literal('s3:ObjectCreated:*'),
  Queue: z.string(),
  Filter: prefixFilter,
})

const bucketSchema = z.strictObject({
  BucketName: z.optional(z.string()),
  CorsConfiguration: z.optional(z.strictObject({ CorsRules: z.array(corsRule) })),
  LifecycleConfiguration: z.optional(z.strictObject({ Rules: z.array(lifecycleRule) })),
  NotificationConfiguration: z.optional(
    z.strictObject({ QueueConfigurations: z.array(notification) }),
  ),
})
type BucketProperties = z.infer<typeof bucketSchema>

const notModelled = {
  BucketEncryption: 'Objects are in the memory of this process only.',
  OwnershipControls: 'The stand-in knows no ACL.',
  PublicAccessBlockConfiguration: 'The stand-in knows no public access.',
}

interface Services {
  readonly s3: S3
  readonly sqs: Sqs
  readonly deployed: Deployed
  readonly iam: Iam
  nowMs(): number
}

export const s3Types = (services: Services): ResourceTypes => ({
  'AWS::S3::Bucket': resourceType(bucketSchema, notModelled, (properties, at) => {
    const { s3, sqs, nowMs } = services
    const name = properties.BucketName ?? at.uniqueName().toLowerCase()
    s3.create(name, {
      expiry: expiryOf(properties),
      cors: corsOf(properties),
      onObjectCreated: notifying(properties, name, services),
    })
    for (const { Queue } of properties.NotificationConfiguration?.QueueConfigurations ?? []) {
      const refusal = refusedNotification(name, Queue, services)
      if (refusal) throw new TemplateError(`The destination cannot be validated. ${refusal}`)
      sqs.queueAt(Queue).put(testEvent(name, nowMs()), nowMs())
    }
    return { ref: name, attributes: { Arn: arnOf(name) } }
  }),
  'AWS::S3::BucketPolicy': resourceType(
    z.strictObject({ Bucket: z.string(), PolicyDocument: policyDocument }),
    {},
    ({ Bucket, PolicyDocument }, at) => {
      addResourcePolicy(services.deployed, arnOf(Bucket), PolicyDocument)
      return { ref: at.uniqueName() }
    },
  ),
})

const arnOf = (bucket: string): string => `arn:aws:s3:::${bucket}`

/** What S3 sends to find out whether it may. */
const testEvent = (bucket: string, nowMs: number): string =>
  JSON.stringify({
    ...{ Service: 'Amazon S3', Event: 's3:TestEvent', Time: new Date(nowMs).toISOString() },
    ...{ Bucket: bucket, RequestId: requestId(), HostId: requestId() },
  })

const expiryOf = ({ LifecycleConfiguration }: BucketProperties) =>
  (LifecycleConfiguration?.Rules ?? []).flatMap(
    ({ Prefix: prefix = '', ExpirationInDays: days }) =>
      days === undefined ? [] : [{ prefix, days }],
  )

const corsOf = ({ CorsConfiguration }: BucketProperties) =>
  (CorsConfiguration?.CorsRules ?? []).map(({ AllowedMethods, AllowedOrigins, MaxAge }) => ({
    origins: AllowedOrigins,
    methods: AllowedMethods,
    maxAgeSeconds: MaxAge ?? null,
  }))

const refusedNotification = (bucket: string, queue: string, { iam }: Services): string | null =>
  iam.refusedService({
    service: 's3.amazonaws.com',
    action: 'sqs:SendMessage',
    resource: queue,
    sourceArn: arnOf(bucket),
  })

/** The key in an event is encoded, but our prefixes have nothing that is. */
const notifying =
  ({ NotificationConfiguration }: BucketProperties, bucket: string, services: Services) =>
  (event: S3Event): void => {
    const { sqs, nowMs } = services
    const key = event.Records[0]?.s3.object.key ?? ''
    for (const { Queue, Filter } of NotificationConfiguration?.QueueConfigurations ?? []) {
      const isMeant = key.startsWith(Filter.S3Key.Rules[0].Value)
      if (!isMeant || refusedNotification(bucket, Queue, services) !== null) continue
      sqs.queueAt(Queue).put(JSON.stringify(event), nowMs())
    }
  }

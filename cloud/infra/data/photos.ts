/** The bucket of photos. What was not put on file expires; the rest goes with its visitor. */
import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { retentionDays } from '../../retention.ts'
import { acknowledge } from '../checks.ts'

const expireAfter = (days: number, ...prefixes: string[]): LifecycleRule[] =>
  prefixes.map((prefix) => ({ prefix, expiration: Duration.days(days) }))

const lifecycleRules: LifecycleRule[] = [
  ...expireAfter(retentionDays.snapshots, 'snapshots/', 'faces/'),
  ...expireAfter(retentionDays.uploads, 'raw/', 'processed/', 'clips/'),
  { abortIncompleteMultipartUploadAfter: Duration.days(1) },
]

/** By prefix, the queue that S3 notifies of new objects. */
type Arrivals = Readonly<Record<string, Queue>>

export function buildPhotos(scope: Construct, arrivals: Arrivals): Bucket {
  const bucket = new Bucket(scope, 'Photos', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    // Old versions would keep the faces of people whose photos were deleted.
    versioned: false,
    lifecycleRules,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  acknowledge(bucket, {
    'AwsSolutions-S1':
      'A log of every read would be a log of who came to the door. Only functions and signed forms have access.',
  })
  notify(bucket, arrivals)
  return bucket
}

/** Browsers upload straight to the bucket, from pages of this origin only. */
export function allowUploadsFrom(bucket: Bucket, webOrigin: string): void {
  bucket.addCorsRule({
    allowedMethods: [HttpMethods.POST],
    allowedOrigins: [webOrigin],
    maxAge: 3600,
  })
}

/**
 * Sets a property of the bucket. The CDK's `addEventNotification` deploys a function that may change
 * the notifications of every bucket in the account.
 */
function notify(bucket: Bucket, arrivals: Arrivals): void {
  const raw = bucket.node.defaultChild
  if (!(raw instanceof CfnBucket)) throw new TypeError('expected a CfnBucket')
  const queueConfigurations = Object.entries(arrivals).map(([prefix, queue]) => ({
    event: 's3:ObjectCreated:*',
    queue: queue.queueArn,
    filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
  }))
  raw.notificationConfiguration = { queueConfigurations }
  for (const queue of Object.values(arrivals)) {
    queue.addToResourcePolicy(sendFromBucket(queue))
    // S3 sends a test message when the bucket is created.
    bucket.node.addDependency(queue)
  }
}

/** CloudFormation chooses the bucket's name after this policy is made, but its prefix is known. */
function sendFromBucket(queue: Queue): PolicyStatement {
  const prefix = Stack.of(queue).stackName.toLowerCase()
  return new PolicyStatement({
    principals: [new ServicePrincipal('s3.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${prefix}-*` },
    },
  })
}

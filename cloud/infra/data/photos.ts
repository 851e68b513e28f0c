/** The one bucket of photos. Everything in it that nobody put on file goes by itself. */
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
import { acknowledge } from '../checks.ts'

/** The same as housekeeping goes by; this also catches what it could not get to. */
const lifeDays: Readonly<Record<string, number>> = {
  ...{ 'snapshots/': 30, 'faces/': 30 },
  // What was handed on already, or never will be.
  ...{ 'raw/': 1, 'clips/': 1 },
}

const lifecycleRules: LifecycleRule[] = [
  ...Object.entries(lifeDays).map(([prefix, days]) => ({
    prefix,
    expiration: Duration.days(days),
  })),
  { abortIncompleteMultipartUploadAfter: Duration.days(1) },
]

/** `arrivals` says into which queue S3 puts word of what arrives under a prefix. */
export function buildPhotos(scope: Construct, arrivals: Readonly<Record<string, Queue>>): Bucket {
  const bucket = new Bucket(scope, 'Photos', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    // Old versions would keep the faces of people who asked to be forgotten.
    versioned: false,
    lifecycleRules,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  acknowledge(bucket, {
    'AwsSolutions-S1':
      'A log of every read of a photo would itself be a log of who came to the door. Only the functions and signed forms get in.',
  })
  announce(bucket, arrivals)
  return bucket
}

/** Browsers post uploads straight to the bucket, from the pages of this origin only. */
export function allowUploadsFrom(bucket: Bucket, webOrigin: string): void {
  bucket.addCorsRule({
    allowedMethods: [HttpMethods.POST],
    allowedOrigins: [webOrigin],
    maxAge: 3600,
  })
}

/**
 * Written into the bucket itself. The CDK's own way brings a function of its own along that may
 * change the notifications of every bucket in the account.
 */
function announce(bucket: Bucket, arrivals: Readonly<Record<string, Queue>>): void {
  const raw = bucket.node.defaultChild
  if (!(raw instanceof CfnBucket)) throw new Error('a bucket is made of a CfnBucket')
  const queueConfigurations = Object.entries(arrivals).map(([prefix, queue]) => ({
    event: 's3:ObjectCreated:*',
    queue: queue.queueArn,
    filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
  }))
  raw.notificationConfiguration = { queueConfigurations }
  for (const queue of Object.values(arrivals)) {
    queue.addToResourcePolicy(fromOurBuckets(queue))
    // S3 tries the queues out when it learns of them.
    bucket.node.addDependency(queue)
  }
}

/** The bucket's name is not known before the queue's policy, but how it begins is. */
function fromOurBuckets(queue: Queue): PolicyStatement {
  const named = Stack.of(queue).stackName.toLowerCase()
  return new PolicyStatement({
    principals: [new ServicePrincipal('s3.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${named}-*` },
    },
  })
}

/** Queues of a template, and who may use them. */
import * as z from 'zod/mini'
import { addResourcePolicy, type Deployed } from '../cloudformation/deployed.ts'
import { policyDocument, type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import type { Sqs } from './sqs.ts'

const queueSchema = z.strictObject({
  QueueName: z.optional(z.string()),
  DelaySeconds: z.optional(z.number()),
  MessageRetentionPeriod: z.optional(z.number()),
  VisibilityTimeout: z.optional(z.number()),
  RedrivePolicy: z.optional(
    z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }),
  ),
})

/** AWS's own default. */
const fourDaysSeconds = 4 * 24 * 3600

export const sqsTypes = (sqs: Sqs, deployed: Deployed): ResourceTypes => ({
  'AWS::SQS::Queue': resourceType(
    queueSchema,
    { SqsManagedSseEnabled: 'Messages are in the memory of this process only.' },
    (properties, at) => {
      const { QueueName: name = at.uniqueName(), RedrivePolicy: redrive } = properties
      const { arn } = sqs.create(name, {
        visibilityMs: (properties.VisibilityTimeout ?? 30) * 1_000,
        delayMs: (properties.DelaySeconds ?? 0) * 1_000,
        retentionMs: (properties.MessageRetentionPeriod ?? fourDaysSeconds) * 1_000,
        maxReceives: redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY,
        ...(redrive && { deadLetterQueue: sqs.queueAt(redrive.deadLetterTargetArn) }),
      })
      return { ref: sqs.queueUrl(name), attributes: { Arn: arn, QueueName: name } }
    },
  ),
  'AWS::SQS::QueuePolicy': resourceType(
    z.strictObject({ Queues: z.array(z.string()), PolicyDocument: policyDocument }),
    {},
    ({ Queues, PolicyDocument }, at) => {
      for (const url of Queues) addResourcePolicy(deployed, sqs.queueOf(url).arn, PolicyDocument)
      return { ref: at.uniqueName() }
    },
  ),
})

/** Queues between functions. What keeps failing ends in a dead-letter queue, which has an alarm. */
import { Duration } from 'aws-cdk-lib'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'

export interface Queues {
  readonly snapshots: Queue
  readonly uploads: Queue
  readonly checkGrant: Queue
  readonly settleVisit: Queue
}

/** Every dead-letter queue of the deployment by name, so that each gets its alarm. */
export type DeadLetters = Map<string, Queue>

const encrypted: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true }

/** AWS recommends six times the function's time-out, so that a message is not processed twice. */
const visibilityTimeouts = 6
const maxReceives = 5

export function buildQueues(scope: Construct, dead: DeadLetters): Queues {
  const here = new Construct(scope, 'Queues')
  const queue = (name: string, functionSeconds: number, delaySeconds: number) =>
    new Queue(here, name, {
      ...encrypted,
      visibilityTimeout: Duration.seconds(functionSeconds * visibilityTimeouts),
      deliveryDelay: Duration.seconds(delaySeconds),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: {
        queue: deadLetters(here, dead, name),
        maxReceiveCount: maxReceives,
      },
    })
  return {
    snapshots: queue('Snapshots', 30, 0),
    uploads: queue('Uploads', 30, 0),
    // The door has ten seconds to confirm a grant.
    checkGrant: queue('CheckGrant', 15, 10),
    settleVisit: queue('SettleVisit', 30, 5),
  }
}

/** Kept for two weeks, so that an owner on holiday can look at what failed. */
export function deadLetters(scope: Construct, dead: DeadLetters, of: string): Queue {
  const queue = new Queue(scope, `${of}Dead`, { ...encrypted, retentionPeriod: Duration.days(14) })
  acknowledge(queue, {
    'AwsSolutions-SQS3':
      'It is itself a dead-letter queue; cdk-nag does not see that for some sources.',
  })
  dead.set(of, queue)
  return queue
}

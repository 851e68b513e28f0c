/** Queues between the parts. What cannot be worked on ends in a dead-letter queue, with an alarm. */
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

/** Every dead-letter queue of a deployment, so that none can be without its alarm. */
export type DeadLetters = Map<string, Queue>

const safe: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true }

/** AWS wants six times what the function may take, so that nothing is worked on twice for that. */
const visibilityTimeouts = 6
const receivesBeforeDead = 5

export function buildQueues(scope: Construct, dead: DeadLetters): Queues {
  const here = new Construct(scope, 'Queues')
  const queue = (name: string, functionSeconds: number, delaySeconds: number) =>
    new Queue(here, name, {
      ...safe,
      visibilityTimeout: Duration.seconds(functionSeconds * visibilityTimeouts),
      deliveryDelay: Duration.seconds(delaySeconds),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: {
        queue: deadLetters(here, dead, name),
        maxReceiveCount: receivesBeforeDead,
      },
    })
  return {
    snapshots: queue('Snapshots', 30, 0),
    uploads: queue('Uploads', 30, 0),
    // A door has this long to say that it keeps a grant.
    checkGrant: queue('CheckGrant', 15, 10),
    settleVisit: queue('SettleVisit', 30, 5),
  }
}

/** Two weeks, so that whoever was on holiday can still look at what failed. */
export function deadLetters(scope: Construct, dead: DeadLetters, of: string): Queue {
  const queue = new Queue(scope, `${of}Dead`, { ...safe, retentionPeriod: Duration.days(14) })
  acknowledge(queue, {
    'AwsSolutions-SQS3':
      'It is a dead-letter queue itself, for some of a function that cdk-nag does not see.',
  })
  dead.set(of, queue)
  return queue
}

/** Queues between functions. What keeps failing ends in a dead-letter queue, which has an alarm. */
import { Duration, Stack } from 'aws-cdk-lib'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'

export interface Queues {
  readonly snapshots: Queue
  readonly uploads: Queue
  readonly checkGrant: Queue
  readonly settleVisit: Queue
}

/**
 * Two for the whole deployment, because each has an alarm of ten cents a month. `Messages` come from
 * queues, to which SQS can return them; `Events` from functions, streams and rules. Both say which.
 */
type DeadLetterKind = 'Messages' | 'Events'
export type DeadLetters = Map<DeadLetterKind, Queue>

const encrypted: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true }

interface QueueSpec {
  /** The time-out of its function. */
  readonly functionSeconds: number
  readonly delaySeconds?: number
  /** Also the time until a failed message is tried again. */
  readonly visibilitySeconds: number
  readonly maxReceives: number
}

/**
 * A visitor waits for most of these, so a failed message is tried again soon. AWS requires the
 * function's time-out at least, and recommends six times that where no one waits. A message that is
 * handled twice changes nothing.
 */
export const queueSpecs = {
  // Tried again at 40 and 80 s, while the snapshot still counts (`freshSnapshotMs`).
  snapshots: { functionSeconds: 20, visibilitySeconds: 40, maxReceives: 4 },
  uploads: { functionSeconds: 30, visibilitySeconds: 180, maxReceives: 5 },
  // The door has ten seconds to confirm a grant. Revoking it is tried for ten minutes.
  checkGrant: { functionSeconds: 15, delaySeconds: 10, visibilitySeconds: 30, maxReceives: 20 },
  settleVisit: { functionSeconds: 30, delaySeconds: 5, visibilitySeconds: 40, maxReceives: 20 },
} as const satisfies Record<string, QueueSpec>

export function buildQueues(scope: Construct, dead: DeadLetters): Queues {
  const here = new Construct(scope, 'Queues')
  const queue = (name: string, { delaySeconds = 0, ...spec }: QueueSpec) =>
    new Queue(here, name, {
      ...encrypted,
      visibilityTimeout: Duration.seconds(spec.visibilitySeconds),
      deliveryDelay: Duration.seconds(delaySeconds),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: {
        queue: deadLetters(here, dead, 'Messages'),
        maxReceiveCount: spec.maxReceives,
      },
    })
  return {
    snapshots: queue('Snapshots', queueSpecs.snapshots),
    uploads: queue('Uploads', queueSpecs.uploads),
    checkGrant: queue('CheckGrant', queueSpecs.checkGrant),
    settleVisit: queue('SettleVisit', queueSpecs.settleVisit),
  }
}

/** Kept for two weeks, so that an owner on holiday can look at what failed. */
export function deadLetters(scope: Construct, dead: DeadLetters, of: DeadLetterKind): Queue {
  const known = dead.get(of)
  if (known) return known
  const retentionPeriod = Duration.days(14)
  const queue = new Queue(Stack.of(scope), `${of}Dead`, { ...encrypted, retentionPeriod })
  acknowledge(queue, {
    'AwsSolutions-SQS3':
      'It is itself a dead-letter queue; cdk-nag does not see that for some sources.',
  })
  dead.set(of, queue)
  return queue
}

/** When functions run that queues, streams or the clock start, and where their failures go. */
import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets'
import {
  FilterCriteria,
  FilterRule,
  type Function as LambdaFunction,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'
import { type DeadLetters, deadLetters, type Queues } from '../data/queues.ts'
import type { Tables } from '../data/tables.ts'
import type { Settings } from '../settings.ts'
import type { functions } from './functions.ts'

type Functions = Readonly<Record<keyof typeof functions, LambdaFunction>>

export function connectQueues(
  functions: Functions,
  queues: Queues,
  { lambdaConcurrency }: Pick<Settings, 'lambdaConcurrency'>,
): void {
  // One snapshot per call, so that no visitor waits for the snapshots of another.
  const batchSize = 1
  const snapshotsAtOnce = Math.min(mostSnapshotsAtOnce, lambdaConcurrency - leftForOthers)
  fromQueue(functions['recognise-snapshot'], queues.snapshots, batchSize, snapshotsAtOnce)
  fromQueue(functions['photo-uploaded'], queues.uploads, batchSize)
  fromQueue(functions['check-grant'], queues.checkGrant, 10)
  fromQueue(functions['settle-visit'], queues.settleVisit, 10)
}

/** The least that AWS allows. */
const leastConcurrency = 2
/** A door that uploads without end cannot use up the account's concurrency. */
const mostSnapshotsAtOnce = 20
/** For the three other queues, and two for sign-in, pages and messages from doors. */
const leftForOthers = 3 * leastConcurrency + 2

/** Only the failed messages of a batch are retried. */
function fromQueue(
  fn: LambdaFunction,
  queue: Queue,
  batchSize: number,
  maxConcurrency = leastConcurrency,
): void {
  const options = { batchSize, reportBatchItemFailures: true, maxConcurrency }
  fn.addEventSource(new SqsEventSource(queue, options))
}

export function connectVisitors(
  scope: Construct,
  fn: LambdaFunction,
  { visitors }: Tables,
  dead: DeadLetters,
): void {
  if (visitors.tableStreamArn === undefined) throw new TypeError('expected a stream')
  if (fn.role) acknowledge(fn.role, { 'AwsSolutions-IAM5[Resource::*]': noStreamNames })
  visitors.grantStreamRead(fn)
  const key = { sk: { S: FilterRule.beginsWith('visitor#') } }
  fn.addEventSourceMapping('Visitors', {
    eventSourceArn: visitors.tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 10,
    ...setFailuresAside,
    onFailure: new SqsDlq(deadLetters(scope, dead, 'Events')),
    filters: [FilterCriteria.filter({ dynamodb: { Keys: key } })],
  })
}

const noStreamNames = 'AWS has no resource for dynamodb:ListStreams.'

/** A record that keeps failing is isolated by bisection and set aside; the others go on. */
export const setFailuresAside = {
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
  retryAttempts: 5,
  maxRecordAge: Duration.hours(6),
}

/** For a function that is invoked asynchronously. */
export function catchFailures(scope: Construct, fn: LambdaFunction, dead: DeadLetters): Queue {
  const queue = deadLetters(scope, dead, 'Events')
  fn.configureAsyncInvoke({
    onFailure: new SqsDestination(queue),
    retryAttempts: 2,
    maxEventAge: Duration.hours(1),
  })
  return queue
}

export function connectSchedules(
  scope: Construct,
  functions: Pick<Functions, 'housekeeping' | 'fetch-calendars'>,
  dead: DeadLetters,
): void {
  const run = (name: string, fn: LambdaFunction, schedule: Schedule, description: string) => {
    const deadLetterQueue = catchFailures(scope, fn, dead)
    const event = RuleTargetInput.fromObject({})
    const targets = [new FunctionTarget(fn, { deadLetterQueue, event })]
    new Rule(scope, name, { description, schedule, targets })
  }
  const nightly = Schedule.cron({ hour: '2', minute: '17' })
  run('Daily', functions.housekeeping, nightly, 'smart-door housekeeping, at night in Europe')
  const often = Schedule.rate(Duration.minutes(30))
  run('Calendars', functions['fetch-calendars'], often, 'smart-door calendars of bookings')
}

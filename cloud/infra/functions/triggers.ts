/** What sets each function going, and where that ends up which it could not do. */
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
import type { duties } from './duties.ts'

type Functions = Readonly<Record<keyof typeof duties, LambdaFunction>>

export function connectQueues(functions: Functions, queues: Queues): void {
  // One still in each call: nobody waits for the pictures of others.
  fromQueue(functions['recognise-snapshot'], queues.snapshots, 1, mostSnapshotsAtOnce)
  fromQueue(functions['photo-uploaded'], queues.uploads, 1)
  fromQueue(functions['check-grant'], queues.checkGrant, 10)
  fromQueue(functions['settle-visit'], queues.settleVisit, 10)
}

/** Only what failed of a batch comes again. */
function fromQueue(
  fn: LambdaFunction,
  queue: Queue,
  batchSize: number,
  maxConcurrency?: number,
): void {
  const atOnce = maxConcurrency === undefined ? {} : { maxConcurrency }
  const settings = { batchSize, reportBatchItemFailures: true, ...atOnce }
  fn.addEventSource(new SqsEventSource(queue, settings))
}

/** A door that uploads without end takes no other function's turn. */
const mostSnapshotsAtOnce = 20

export function connectVisitors(
  scope: Construct,
  fn: LambdaFunction,
  { visitors }: Tables,
  dead: DeadLetters,
): void {
  if (visitors.tableStreamArn === undefined) throw new Error('visitors has a stream')
  const role = fn.role
  if (role) acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': noStreamNames })
  visitors.grantStreamRead(fn)
  const key = { sk: { S: FilterRule.beginsWith('visitor#') } }
  fn.addEventSourceMapping('Visitors', {
    eventSourceArn: visitors.tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 10,
    ...poisonNeverBlocks,
    onFailure: new SqsDlq(deadLetters(scope, dead, 'VisitorChanged')),
    filters: [FilterCriteria.filter({ dynamodb: { Keys: key } })],
  })
}

const noStreamNames = 'AWS knows no resource for dynamodb:ListStreams.'

/** A record that cannot be worked on is found by halving and set aside; the others go on. */
export const poisonNeverBlocks = {
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
  retryAttempts: 5,
  maxRecordAge: Duration.hours(6),
}

/** For a function that is called without anybody waiting for its answer. */
export function catchFailures(
  scope: Construct,
  fn: LambdaFunction,
  dead: DeadLetters,
  name: string,
): Queue {
  const queue = deadLetters(scope, dead, name)
  fn.configureAsyncInvoke({
    onFailure: new SqsDestination(queue),
    retryAttempts: 2,
    maxEventAge: Duration.hours(1),
  })
  return queue
}

export function connectSchedule(scope: Construct, fn: LambdaFunction, dead: DeadLetters): void {
  const deadLetterQueue = catchFailures(scope, fn, dead, 'Housekeeping')
  new Rule(scope, 'Daily', {
    description: 'smart-door housekeeping, at night in Europe',
    schedule: Schedule.cron({ hour: '2', minute: '17' }),
    targets: [new FunctionTarget(fn, { deadLetterQueue, event: RuleTargetInput.fromObject({}) })],
  })
}

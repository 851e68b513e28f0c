/** Alarms, mailed to the person who runs the deployment. */
import { Aws, Duration } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { DeadLetters, Queues } from '../data/queues.ts'
import { arn } from '../functions/permissions.ts'
import type { Settings } from '../settings.ts'

interface Watched {
  readonly dead: DeadLetters
  readonly queues: Queues
  readonly api: HttpApi
}

const period = Duration.minutes(5)
/** Half of the time for which a snapshot counts. */
const lateSeconds = 60

export function buildAlarmTopic(scope: Construct, { alarmMail }: Settings): Topic {
  const topic = new Topic(scope, 'AlarmTopic', { displayName: 'smart-door', enforceSSL: true })
  topic.addSubscription(new EmailSubscription(alarmMail))
  // A policy of its own replaces the one by which SNS would let all services publish.
  publishes(topic, 'cloudwatch.amazonaws.com', arn('cloudwatch', 'alarm:*'))
  publishes(topic, 'ses.amazonaws.com', arn('ses', 'configuration-set/*'))
  return topic
}

function publishes(topic: Topic, service: string, source: string): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(service)],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': source },
      },
    }),
  )
}

export function buildAlarms(
  scope: Construct,
  topic: ITopic,
  watched: Watched,
  settings: Settings,
): void {
  const here = new Construct(scope, 'Alarms')
  const action = new SnsAction(topic)
  const raise = (name: string, what: string, metric: Metric, threshold = 1) =>
    new Alarm(here, name, {
      alarmDescription: `smart-door: ${what}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(action)
  raiseForDead(watched, raise)
  raiseForFunctions(watched, raise)
  raiseForTexts(settings, raise)
}

type Raise = (name: string, what: string, metric: Metric, threshold?: number) => void

function raiseForDead({ dead }: Watched, raise: Raise): void {
  for (const [of, queue] of dead) {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' })
    raise(`${of}Dead`, `something kept failing and was set aside in the queue ${of}Dead`, metric)
  }
}

/** Of all functions of the account together, because an alarm for each would cost more. */
const ofFunctions = (metricName: string) =>
  new Metric({ namespace: 'AWS/Lambda', metricName, statistic: 'Sum', period })

function raiseForFunctions({ queues, api }: Watched, raise: Raise): void {
  // Single failures are retried.
  raise('Errors', 'functions keep failing', ofFunctions('Errors'), 3)
  // The limit belongs to the account.
  raise('Throttles', 'functions are throttled', ofFunctions('Throttles'))
  const age = queues.snapshots.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' })
  raise('LateSnapshots', 'snapshots wait for so long that visitors are missed', age, lateSeconds)
  raise(
    'ServerErrors',
    'the pages or the API answer with errors',
    api.metricServerError({ period }),
    3,
  )
}

/** AWS has this metric for SNS only; End User Messaging has a spending limit in its console. */
function raiseForTexts({ texts, smsAlarmUsd }: Settings, raise: Raise): void {
  if (texts !== 'sns') return
  const spent = new Metric({
    namespace: 'AWS/SNS',
    metricName: 'SMSMonthToDateSpentUSD',
    statistic: 'Maximum',
    period: Duration.hours(1),
  })
  raise('TextsSpending', 'this month’s texts cost more than smsAlarmUsd', spent, smsAlarmUsd)
}

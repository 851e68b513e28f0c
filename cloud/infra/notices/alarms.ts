/** Alarms, mailed to the person who runs the deployment. */
import { Duration } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { DeadLetters } from '../data/queues.ts'
import type { Settings } from '../settings.ts'

interface Watched {
  readonly dead: DeadLetters
  readonly functions: Readonly<Record<string, LambdaFunction>>
  readonly api: HttpApi
}

const period = Duration.minutes(5)

export function buildAlarms(scope: Construct, watched: Watched, settings: Settings): Topic {
  const here = new Construct(scope, 'Alarms')
  const topic = new Topic(here, 'Topic', { displayName: 'smart-door', enforceSSL: true })
  topic.addSubscription(new EmailSubscription(settings.alarmMail))
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
  return topic
}

type Raise = (name: string, what: string, metric: Metric, threshold?: number) => void

function raiseForDead({ dead }: Watched, raise: Raise): void {
  for (const [of, queue] of dead) {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' })
    raise(`${of}Dead`, `a message for ${of} kept failing and was set aside`, metric)
  }
}

function raiseForFunctions({ functions, api }: Watched, raise: Raise): void {
  for (const [name, fn] of Object.entries(functions)) {
    // Single failures are retried.
    raise(`${name}Errors`, `${name} keeps failing`, fn.metricErrors({ period }), 3)
  }
  const throttles = new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Throttles',
    statistic: 'Sum',
    period,
  })
  // The limit belongs to the account, and so does the metric.
  raise('Throttles', 'functions are throttled', throttles)
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

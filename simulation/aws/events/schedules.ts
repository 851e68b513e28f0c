/** EventBridge: schedules once a day by a cron expression in UTC, or every so many minutes. */
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import { TemplateError } from '../cloudformation/template.ts'
import type { Iam } from '../iam/iam.ts'
import type { Lambda, Worker } from '../lambda/lambda.ts'
import type { Sqs } from '../sqs/sqs.ts'

/** The first time after the given one. */
type Next = (afterMs: number) => number

function parseSchedule(expression: string): Next {
  const [, minute, hour] = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(expression) ?? []
  if (minute !== undefined && hour !== undefined) {
    return nextAt((Number(hour) * 60 + Number(minute)) * minuteMs)
  }
  const [, minutes] = /^rate\((\d+) minutes\)$/.exec(expression) ?? []
  if (minutes !== undefined) return (afterMs) => afterMs + Number(minutes) * minuteMs
  throw new TemplateError(`The schedule ${expression} has no model here.`)
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const nextAt =
  (ofDayMs: number): Next =>
  (afterMs) => {
    const todayMs = Math.floor(afterMs / dayMs) * dayMs + ofDayMs
    return todayMs > afterMs ? todayMs : todayMs + dayMs
  }

const ruleSchema = z.strictObject({
  Name: z.optional(z.string()),
  ScheduleExpression: z.string(),
  State: z.literal('ENABLED'),
  Targets: z.array(
    z.strictObject({
      Id: z.string(),
      Arn: z.string(),
      Input: z.string(),
      // For events that the function's policy refuses.
      DeadLetterConfig: z.optional(z.strictObject({ Arn: z.string() })),
    }),
  ),
})

interface Services {
  readonly lambda: Lambda
  readonly sqs: Sqs
  readonly workers: Worker[]
  readonly iam: Iam
  nowMs(): number
}

export const eventTypes = (services: Services): ResourceTypes => ({
  'AWS::Events::Rule': resourceType(
    ruleSchema,
    { Description: 'A text for people.' },
    (properties, at) => {
      const name = properties.Name ?? at.uniqueName()
      const arn = at.arn('events', `rule/${name}`)
      const next = parseSchedule(properties.ScheduleExpression)
      const { lambda, workers, nowMs } = services
      let dueMs = next(nowMs())
      workers.push({
        nextDueMs: () => dueMs,
        async work(now) {
          if (dueMs > now) return 0
          // Times that were skipped all at once count as one.
          dueMs = next(now)
          for (const target of properties.Targets) start(target, arn, services)
          await lambda.idle()
          return 1
        },
      })
      return { ref: name, attributes: { Arn: arn } }
    },
  ),
})

type Target = z.infer<typeof ruleSchema>['Targets'][number]

function start({ Arn, Input, DeadLetterConfig }: Target, sourceArn: string, services: Services) {
  const { lambda, sqs, iam, nowMs } = services
  const by = { service: 'events.amazonaws.com', sourceArn }
  try {
    lambda.invokeLater(Arn, JSON.parse(Input), by)
  } catch {
    const resource = DeadLetterConfig?.Arn
    if (resource === undefined) return
    const refusal = iam.refusedService({ ...by, action: 'sqs:SendMessage', resource })
    if (refusal === null) sqs.queueAt(resource).put(Input, nowMs())
  }
}

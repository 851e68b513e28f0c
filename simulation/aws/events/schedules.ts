/** EventBridge: schedules by a cron expression, in UTC. */
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import { TemplateError } from '../cloudformation/template.ts'
import type { Lambda, Worker } from '../lambda/lambda.ts'

interface Daily {
  readonly hour: number
  readonly minute: number
}

export function parseDaily(expression: string): Daily {
  const [, minute, hour] = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(expression) ?? []
  if (minute === undefined || hour === undefined) {
    throw new TemplateError(`The schedule ${expression} has no model here: only once a day.`)
  }
  return { minute: Number(minute), hour: Number(hour) }
}

const dayMs = 24 * 3_600_000

/** The first time after the given one. */
export function nextDailyMs({ hour, minute }: Daily, afterMs: number): number {
  const midnightMs = Math.floor(afterMs / dayMs) * dayMs
  const todayMs = midnightMs + (hour * 60 + minute) * 60_000
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
      // For events that cannot be handed over. Here every one can.
      DeadLetterConfig: z.optional(z.strictObject({ Arn: z.string() })),
    }),
  ),
})

interface Services {
  readonly lambda: Lambda
  readonly workers: Worker[]
  nowMs(): number
}

export const eventTypes = ({ lambda, workers, nowMs }: Services): ResourceTypes => ({
  'AWS::Events::Rule': resourceType(
    ruleSchema,
    { Description: 'A text for people.' },
    (properties, at) => {
      const daily = parseDaily(properties.ScheduleExpression)
      let dueMs = nextDailyMs(daily, nowMs())
      workers.push({
        nextDueMs: () => dueMs,
        async work(now) {
          if (dueMs > now) return 0
          // Days that were skipped all at once count as one.
          dueMs = nextDailyMs(daily, now)
          for (const { Arn, Input } of properties.Targets)
            lambda.invokeLater(Arn, JSON.parse(Input))
          await lambda.idle()
          return 1
        },
      })
      const name = properties.Name ?? at.uniqueName()
      return { ref: name, attributes: { Arn: at.arn('events', `rule/${name}`) } }
    },
  ),
})

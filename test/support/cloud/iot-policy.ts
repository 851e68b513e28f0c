/**
 * What an IoT policy allows, judged as AWS documents it. A `*` stands for anything, slashes
 * included; what no statement allows is forbidden.
 */
import * as z from 'zod/mini'

const words = z.union([z.string(), z.array(z.string())])
export const statementSchema = z.strictObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: words,
  Resource: words,
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.string()))),
})
export type IotStatement = z.infer<typeof statementSchema>

/** A connection, as AWS sees it: the certificate's thing, and whether the client id is its name. */
interface Connected {
  readonly thing: string
  readonly attached?: boolean
}

export interface Attempt extends Connected {
  readonly action: 'Connect' | 'Publish' | 'Subscribe' | 'Receive'
  /** Client id, topic or topic filter. */
  readonly what: string
}

const kinds = {
  Connect: 'client',
  Publish: 'topic',
  Subscribe: 'topicfilter',
  Receive: 'topic',
} as const

export function allowed(statements: readonly IotStatement[], attempt: Attempt): boolean {
  const asked = `${kinds[attempt.action]}/${attempt.what}`
  const fitting = statements.filter(
    (statement) =>
      list(statement.Action).some((action) => fits(`iot:${attempt.action}`, action)) &&
      list(statement.Resource).some((one) => fits(asked, resolved(resourceOf(one), attempt))) &&
      holds(statement, attempt),
  )
  return fitting.length > 0 && fitting.every(({ Effect }) => Effect === 'Allow')
}

const thingName = `$\{iot:Connection.Thing.ThingName}`

const resolved = (resource: string, { thing }: Connected): string =>
  resource.replaceAll(thingName, thing)

function holds({ Condition = {} }: IotStatement, { attached = true }: Connected): boolean {
  const known = { 'iot:Connection.Thing.IsAttached': String(attached) }
  return Object.entries(Condition).every(([operator, wanted]) =>
    Object.entries(wanted).every(
      ([key, value]) =>
        operator === 'Bool' && Object.entries(known).some(([k, v]) => k === key && v === value),
    ),
  )
}

function fits(asked: string, pattern: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^$()|[\]{}\\]/g, '\\$&'))
  return new RegExp(`^${source.join('.*')}$`, 's').test(asked)
}

const list = (one: string | readonly string[]): readonly string[] => [one].flat()

/** `arn:aws:iot:region:account:topic/…`: what comes after the fifth colon. */
const resourceOf = (arn: string): string => arn.split(':').slice(5).join(':')

export interface TopicRule {
  readonly may: 'read' | 'write'
  readonly topic: string
}

/** For mosquitto, where `%u` is the name on the certificate, which is the thing's. */
export function topicRules(statements: readonly IotStatement[]): readonly TopicRule[] {
  const may = { 'iot:Publish': 'write', 'iot:Receive': 'read' } as const
  return statements.flatMap((statement) =>
    list(statement.Action).flatMap((action) =>
      Object.entries(may)
        .filter(([name]) => name === action)
        .flatMap(([, rule]) =>
          list(statement.Resource).map((resource) => ({
            may: rule,
            topic: mosquittoTopic(resourceOf(resource)),
          })),
        ),
    ),
  )
}

const mosquittoTopic = (resource: string): string =>
  resource
    .replace(/^topic\//, '')
    .replaceAll(thingName, '%u')
    .replace(/\*$/, '#')

/**
 * What the doors' policy comes to, written down so that not every broker has to wait for CDK; a test
 * holds it to the policy that is deployed.
 */
export const doorTopicRules: readonly TopicRule[] = [
  { may: 'write', topic: 'door/v1/%u/evt/#' },
  { may: 'write', topic: '$aws/things/%u/shadow/name/config/#' },
  { may: 'read', topic: 'door/v1/%u/cmd/#' },
  { may: 'read', topic: '$aws/things/%u/shadow/name/config/#' },
]

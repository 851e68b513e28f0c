/** IoT policies of the deployment: what they allow, and the same as rules of a test broker. */
import { type IotAction, type IotStatement, iotAllows } from '../../../simulation/aws/iot/policy.ts'

export interface Attempt {
  readonly thing: string
  readonly attached?: boolean
  readonly action: IotAction
  /** Client id, topic, topic filter or role alias. */
  readonly what: string
}

/** A connection as a door makes it: its client id is the name of its thing. */
export function allowed(
  statements: readonly IotStatement[],
  { thing, attached = true, action, what }: Attempt,
): boolean {
  const account = { region: 'eu-central-1', account: '111122223333' }
  const clientId = action === 'Connect' ? what : thing
  const known = attached ? thing : null
  return iotAllows(statements, { ...account, clientId, thing: known, attached }, action, what)
}

const thingName = `$\{iot:Connection.Thing.ThingName}`

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
    [statement.Action].flat().flatMap((action) =>
      Object.entries(may)
        .filter(([name]) => name === action)
        .flatMap(([, rule]) =>
          [statement.Resource].flat().map((resource) => ({
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
  { may: 'read', topic: 'door/v1/%u/cmd/#' },
]

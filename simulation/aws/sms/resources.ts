/** Topics of a template, and who may use them. */
import * as z from 'zod/mini'
import { addResourcePolicy, type Deployed } from '../cloudformation/deployed.ts'
import { policyDocument, type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import type { Sns } from './sns.ts'

export const snsTypes = (sns: Sns, deployed: Deployed): ResourceTypes => ({
  'AWS::SNS::Topic': resourceType(
    z.strictObject({ TopicName: z.optional(z.string()) }),
    { DisplayName: 'Notices are not shown to anybody.' },
    ({ TopicName = null }, at) => {
      const name = TopicName ?? at.uniqueName()
      const arn = at.arn('sns', name)
      sns.createTopic(arn)
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } }
    },
  ),
  'AWS::SNS::TopicPolicy': resourceType(
    z.strictObject({ Topics: z.array(z.string()), PolicyDocument: policyDocument }),
    {},
    ({ Topics, PolicyDocument }, at) => {
      for (const arn of Topics) addResourcePolicy(deployed, arn, PolicyDocument)
      return { ref: at.uniqueName() }
    },
  ),
  'AWS::SNS::Subscription': resourceType(
    z.strictObject({ TopicArn: z.string(), Protocol: z.literal('email'), Endpoint: z.string() }),
    {},
    (properties) => {
      const ref = `${properties.TopicArn}:1`
      sns.subscribe(properties.TopicArn)
      deployed.recorded.push({ type: 'AWS::SNS::Subscription', ref, properties })
      return { ref }
    },
  ),
})

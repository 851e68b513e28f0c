/** Things, policies, role aliases and rules of a template. */
import * as z from 'zod/mini'
import type { Deployed } from '../cloudformation/deployed.ts'
import { policyDocument, type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import type { RefusedRole } from '../iam/deployed-records.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { Sqs } from '../sqs/sqs.ts'
import type { IotControl } from './control-plane.ts'
import { parseStatement, type Statement, selected } from './rules.ts'

/** Passes a device's message on if it is meant for the rule. */
export type Rule = (topic: string, payload: string) => void

interface Services {
  readonly iotControl: IotControl
  readonly lambda: Lambda
  readonly sqs: Sqs
  readonly deployed: Deployed
  readonly rules: Rule[]
  readonly refusedRole: RefusedRole
  nowMs(): number
}

const ruleSchema = z.strictObject({
  RuleName: z.optional(z.string()),
  TopicRulePayload: z.strictObject({
    Sql: z.string(),
    AwsIotSqlVersion: z.literal('2016-03-23'),
    Actions: z.tuple([z.strictObject({ Lambda: z.strictObject({ FunctionArn: z.string() }) })]),
    ErrorAction: z.strictObject({
      Sqs: z.strictObject({
        QueueUrl: z.string(),
        RoleArn: z.string(),
        UseBase64: z.literal(false),
      }),
    }),
  }),
})

export const iotTypes = (services: Services): ResourceTypes => ({
  'AWS::IoT::Thing': resourceType(
    z.strictObject({
      ThingName: z.string(),
      AttributePayload: z.optional(
        z.strictObject({ Attributes: z.record(z.string(), z.string()) }),
      ),
    }),
    {},
    ({ ThingName, AttributePayload }, at) => {
      services.iotControl.createThing(ThingName, AttributePayload?.Attributes)
      return {
        ref: ThingName,
        attributes: { Arn: at.arn('iot', `thing/${ThingName}`) },
        remove: () => services.iotControl.deleteThing(ThingName),
      }
    },
  ),
  'AWS::IoT::Policy': resourceType(
    z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument }),
    {},
    ({ PolicyName, PolicyDocument }, at) => {
      services.iotControl.createPolicy(PolicyName)
      services.deployed.iotPolicies.set(PolicyName, PolicyDocument)
      return { ref: PolicyName, attributes: { Arn: at.arn('iot', `policy/${PolicyName}`) } }
    },
  ),
  'AWS::IoT::RoleAlias': resourceType(
    z.strictObject({ RoleAlias: z.string(), RoleArn: z.string() }),
    { CredentialDurationSeconds: 'Access keys do not expire here.' },
    ({ RoleAlias, RoleArn }, at) => {
      services.iotControl.createRoleAlias(RoleAlias)
      services.deployed.roleAliases.set(RoleAlias, RoleArn)
      const arn = at.arn('iot', `rolealias/${RoleAlias}`)
      return { ref: RoleAlias, attributes: { RoleAliasArn: arn } }
    },
  ),
  'AWS::IoT::TopicRule': resourceType(ruleSchema, {}, ({ RuleName, TopicRulePayload }, at) => {
    const { Sql, Actions, ErrorAction } = TopicRulePayload
    const { FunctionArn } = Actions[0].Lambda
    const failed = services.sqs.queueOf(ErrorAction.Sqs.QueueUrl)
    const name = RuleName ?? at.uniqueName().replaceAll('-', '_')
    const sourceArn = at.arn('iot', `rule/${name}`)
    const by = { service: 'iot.amazonaws.com', sourceArn }
    const send = { action: 'sqs:SendMessage', resource: failed.arn }
    services.rules.push(
      ruleOf(parseStatement(Sql), {
        act(event) {
          services.deployed.used.add(name)
          services.lambda.invokeLater(FunctionArn, event, by)
        },
        fail(error, event) {
          if (services.refusedRole(ErrorAction.Sqs.RoleArn, send) !== null) return
          failed.put(JSON.stringify({ ruleName: name, ...error, event }), services.nowMs())
        },
      }),
    )
    return { ref: name, attributes: { Arn: sourceArn } }
  }),
})

interface Actions {
  act(event: object): void
  fail(error: { readonly errorMessage: string }, event: object): void
}

const ruleOf =
  (statement: Statement, { act, fail }: Actions): Rule =>
  (topic, payload) => {
    const event = selected(statement, topic, payload)
    if (event === null) return
    try {
      act(event)
    } catch (error) {
      fail({ errorMessage: error instanceof Error ? error.message : String(error) }, event)
    }
  }

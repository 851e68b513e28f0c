/** Policies of resources, as AWS evaluates them for services that call others. */
import { describe, expect, test } from 'vitest'
import { iam } from '../../../../simulation/aws/iam/iam.ts'
import {
  defaultTopicPolicy,
  identityPolicy,
  type Policy,
  PolicyError,
  resourcePolicy,
} from '../../../../simulation/aws/iam/records.ts'

const account = '111122223333'
const fn = `arn:aws:lambda:eu-central-1:${account}:function:from-door`
const topic = `arn:aws:sns:eu-central-1:${account}:alarms`

const refusal = (policy: Policy | null, service: string, action: string, resource: string) =>
  iam({
    account,
    region: 'eu-central-1',
    session: () => null,
    resourcePolicy: () => policy,
    secretArn: () => null,
    mailIdentities: new Map(),
  }).refusedService({ service, action, resource, sourceArn: `arn:aws:x:::${service}` })

describe('a service', () => {
  const from = (arn: string) => ({ ArnLike: { 'AWS:SourceArn': arn } })
  const of = (owner: string) => ({ StringEquals: { 'AWS:SourceAccount': owner } })
  const invoke = (permission: object, service = 'iot.amazonaws.com') => {
    const iot = { Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' } }
    const Statement = [
      { ...iot, Action: 'lambda:InvokeFunction', Resource: fn, Condition: permission },
    ]
    const policy = resourcePolicy(fn, { Version: '2012-10-17', Statement })
    return refusal(policy, service, 'lambda:InvokeFunction', fn)
  }

  test('may invoke a function whose permission names it and its resource', () => {
    expect(invoke({})).toBe(null)
    expect(invoke({ ...from('arn:aws:x:::iot.*'), ...of(account) })).toBe(null)
  })

  test('may not invoke a function for another resource, account or service', () => {
    const sentence =
      `User: iot.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ` +
      `${fn} because no resource-based policy allows the lambda:InvokeFunction action`
    expect(invoke(from('arn:aws:x:::other'))).toBe(sentence)
    expect(invoke(of('999999999999'))).toBe(sentence)
    expect(invoke({}, 's3.amazonaws.com')).toContain('no resource-based policy')
  })

  test('may do nothing without a policy', () => {
    expect(refusal(null, 's3.amazonaws.com', 'sqs:SendMessage', fn)).toContain('not authorized')
  })

  test('may publish to a topic for which nothing was set, but not after a policy that only denies', () => {
    const publish = (policy: Policy) =>
      refusal(policy, 'cloudwatch.amazonaws.com', 'sns:Publish', topic)
    expect(publish(defaultTopicPolicy(topic, account))).toBe(null)
    const Statement = [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]
    expect(publish(resourcePolicy('topic', { Version: '2012-10-17', Statement }))).not.toBe(null)
  })
})

describe('a policy', () => {
  const read = (change: object) => () =>
    identityPolicy('Role', {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...change }],
    })

  test('that AWS would not accept is refused', () => {
    expect(read({ Effect: 'Perhaps' })).toThrow(PolicyError)
    expect(read({ Principal: '*' })).toThrow(PolicyError)
  })

  test('whose condition or variable never has a value here is refused', () => {
    expect(read({ Condition: { StringEquals: { 's3:ExistingObjectTag/x': 'y' } } })).toThrow(
      'Role: no call here has a value for s3:ExistingObjectTag/x.',
    )
    const variable = `$\{aws:userid}`
    expect(read({ Resource: `arn:aws:s3:::photos/${variable}` })).toThrow('aws:userid')
    expect(read({ Condition: { StringEquals: { 's3:Prefix': 'y' } } })).not.toThrow()
  })
})

/** The policies of a synthesized deployment, for the evaluator. */
import type { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod/mini'
import { resolve, type Scope } from '../../../simulation/aws/cloudformation/intrinsics.ts'
import { type Iam, iam } from '../../../simulation/aws/iam/iam.ts'
import {
  identityPolicy,
  type Policy,
  resourcePolicy,
  type Session,
} from '../../../simulation/aws/iam/records.ts'
import { type Resource, resourcesOf } from './deployment.ts'

const account = '111122223333'
const region = 'eu-central-1'
export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`

export interface DeployedPolicies extends Iam {
  /** A session of the role of a function, such as `web`. */
  functionNamed(name: string): Session
  /** What `Ref` or the ARN of a resource is, by the beginning of its logical id. */
  arnOf(id: string): string
}

const document = z.looseObject({ Statement: z.array(z.looseObject({})) })
const policyProperties = z.looseObject({ PolicyDocument: document })

export function deployedPolicies(template: Template): DeployedPolicies {
  const resources = resourcesOf(template)
  const byId = new Map(resources.map((one) => [one.id, one]))
  const scope = scopeOf(byId)
  const properties = (one: Resource): object => Object(resolve(one.Properties, scope))
  const documentOf = (one: Resource) => z.parse(policyProperties, properties(one)).PolicyDocument
  const ofType = (type: string) => resources.filter((one) => one.Type === type)

  const policies = new Map<string, Policy>()
  const statements = new Map<string, object[]>()
  const add = (owner: string, more: readonly object[]) =>
    statements.set(owner, [...(statements.get(owner) ?? []), ...more])
  for (const [type, owners] of [
    ['AWS::SQS::QueuePolicy', 'Queues'],
    ['AWS::SNS::TopicPolicy', 'Topics'],
    ['AWS::S3::BucketPolicy', 'Bucket'],
  ] as const) {
    for (const one of ofType(type)) {
      const named = [Object(properties(one))[owners]].flat().map(String)
      for (const name of named) add(policyOwner(name), documentOf(one).Statement)
    }
  }
  for (const one of ofType('AWS::Lambda::Permission')) {
    const { FunctionName, Action, Principal, SourceArn, SourceAccount } = Object(properties(one))
    const conditions = {
      ...(SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    }
    const who = { Effect: 'Allow', Principal: { Service: Principal }, Action }
    add(FunctionName, [{ ...who, Resource: FunctionName, Condition: conditions }])
  }
  for (const [owner, Statement] of statements) {
    policies.set(owner, resourcePolicy(owner, { Version: '2012-10-17', Statement }))
  }

  const sessionOf = (roleId: string, sessionName: string): Session => ({
    roleArn: arnOfResource(byId.get(roleId)),
    sessionName,
    policies: ofType('AWS::IAM::Policy')
      .filter((one) => JSON.stringify(one.Properties['Roles']).includes(`"${roleId}"`))
      .map((one) => identityPolicy(one.id, documentOf(one))),
  })
  const found = (id: string): Resource => {
    const [one] = resources.filter((resource) => new RegExp(`^${id}[0-9A-F]{8}$`).test(resource.id))
    if (!one) throw new Error(`There is no ${id}.`)
    return one
  }
  return {
    ...iam({
      account,
      region,
      session: () => null,
      resourcePolicy: (of) => policies.get(of) ?? null,
      secretArn: () => null,
      mailIdentities: new Map(),
    }),
    arnOf: (id) => arnOfResource(found(id)),
    functionNamed(name) {
      const id = `${name.replaceAll('-', '')}Role`
      return sessionOf(found(id).id, name)
    },
  }
}

/** A queue's policy names its URL. */
const policyOwner = (name: string): string => {
  if (name.startsWith('https:')) return arn('sqs', name.split('/').at(-1) ?? '')
  return name.startsWith('arn:') ? name : `arn:aws:s3:::${name}`
}

function scopeOf(byId: ReadonlyMap<string, Resource>): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::AccountId': account,
    'AWS::URLSuffix': 'amazonaws.com',
  }
  return {
    mappings: {},
    condition: () => true,
    ref: (name) => pseudo[name] ?? refOf(byId.get(name), name),
    getAtt(id, attribute) {
      const resource = byId.get(id)
      return attribute.endsWith('Arn') ? arnOfResource(resource) : nameOf(resource, id)
    },
  }
}

const nameOf = (resource: Resource | undefined, id: string): string =>
  resource?.Type === 'AWS::S3::Bucket' ? `smartdoor-${id.toLowerCase()}` : id

function refOf(resource: Resource | undefined, name: string): string {
  if (resource?.Type === 'AWS::SNS::Topic') return arnOfResource(resource)
  if (resource?.Type === 'AWS::SQS::Queue')
    return `https://sqs.${region}.amazonaws.com/${account}/${name}`
  return nameOf(resource, name)
}

const arnForms: Readonly<Record<string, (name: string) => string>> = {
  'AWS::IAM::Role': (name) => `arn:aws:iam::${account}:role/${name}`,
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name}`,
  'AWS::DynamoDB::Table': (name) => arn('dynamodb', `table/${name}`),
  'AWS::SQS::Queue': (name) => arn('sqs', name),
  'AWS::SNS::Topic': (name) => arn('sns', name),
  'AWS::Lambda::Function': (name) => arn('lambda', `function:${name}`),
  'AWS::Logs::LogGroup': (name) => arn('logs', `log-group:${name}:*`),
  'AWS::IoT::TopicRule': (name) => arn('iot', `rule/${name}`),
  'AWS::IoT::RoleAlias': (name) => arn('iot', `rolealias/${name}`),
  'AWS::Cognito::UserPool': (name) => arn('cognito-idp', `userpool/${name}`),
  'AWS::Events::Rule': (name) => arn('events', `rule/${name}`),
  'AWS::CloudWatch::Alarm': (name) => arn('cloudwatch', `alarm:${name}`),
}

function arnOfResource(resource: Resource | undefined): string {
  const form = arnForms[resource?.Type ?? '']
  if (!resource || !form) return `arn:aws:other:::${resource?.id}`
  return form(nameOf(resource, resource.id))
}

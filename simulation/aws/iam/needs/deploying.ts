/** Permissions for deploying, and for looking at the limits of an account. */
import { type Asked, each, nothing, type ServiceNeeds } from './asked.ts'

const formOf = ({ call }: Asked): URLSearchParams => new URLSearchParams(call.body.toString('utf8'))

/** A stack by its name or ARN. A change set by its ARN names no stack, so it stands for all. */
function stackArn(asked: Asked): string {
  const name = formOf(asked).get('StackName') ?? '*'
  return name.startsWith('arn:') ? name : asked.arn('cloudformation', `stack/${name}/*`)
}

export const cloudformationNeeds: ServiceNeeds = each(
  'cloudformation',
  [
    'CreateChangeSet',
    'DeleteChangeSet',
    'DeleteStack',
    'DescribeChangeSet',
    'DescribeStackEvents',
    'DescribeStackResources',
    'DescribeStacks',
    'ExecuteChangeSet',
    'GetTemplate',
    'ListStackResources',
    'UpdateTerminationProtection',
  ],
  stackArn,
)

export const stsNeeds: ServiceNeeds = {
  // Every caller may ask who it is.
  GetCallerIdentity: () => [],
  AssumeRole: (asked) => [
    { action: 'sts:AssumeRole', resource: formOf(asked).get('RoleArn') ?? '*' },
  ],
}

export const lambdaNeeds: ServiceNeeds = each('lambda', ['GetAccountSettings'], nothing)
export const cloudfrontNeeds: ServiceNeeds = each('cloudfront', ['ListDistributions'], nothing)

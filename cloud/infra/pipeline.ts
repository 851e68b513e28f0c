/**
 * Lets the branch `main` of one GitHub repository deploy without a stored key: AWS trusts GitHub's
 * identity token for an hour. The workflow is .github/workflows/deploy.yml.
 */
import { Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import { CfnOIDCProvider, FederatedPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { acknowledgeWildcards } from './checks.ts'

const host = 'token.actions.githubusercontent.com'

export function buildPipelineStack(scope: Construct, repository: string): Stack {
  const stack = new Stack(scope, 'SmartDoorPipeline', {
    description: 'Deployment of smart-door from GitHub',
  })
  const provider = new CfnOIDCProvider(stack, 'GitHub', {
    url: `https://${host}`,
    clientIdList: ['sts.amazonaws.com'],
  })
  const role = new Role(stack, 'Deploy', {
    assumedBy: new FederatedPrincipal(
      provider.attrArn,
      {
        StringEquals: {
          [`${host}:aud`]: 'sts.amazonaws.com',
          [`${host}:sub`]: `repo:${repository}:ref:refs/heads/main`,
        },
      },
      'sts:AssumeRoleWithWebIdentity',
    ),
    maxSessionDuration: Duration.hours(1),
  })
  // The roles of `cdk bootstrap` do the work; this one may only assume them.
  const assume = new PolicyStatement({
    actions: ['sts:AssumeRole'],
    resources: [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-*`],
  })
  role.addToPolicy(assume)
  acknowledgeWildcards(role, assume, 'The names of the CDK’s roles end in account and region.')
  new CfnOutput(stack, 'RoleArn', { value: role.roleArn })
  return stack
}

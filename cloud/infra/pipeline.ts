/**
 * Lets one repository's branch `main` deploy, without any key kept there: GitHub says who is asking
 * and AWS believes it for an hour. The workflow itself is in .github/workflows/deploy.yml.
 */
import { Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import { CfnOIDCProvider, FederatedPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { acknowledgeWildcards } from './functions/functions.ts'

const host = 'token.actions.githubusercontent.com'

export function buildPipelineStack(scope: Construct, repository: string): Stack {
  const stack = new Stack(scope, 'SmartDoorPipeline', {
    description: 'Who may deploy smart-door from GitHub',
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
  // The roles that `cdk bootstrap` made do the work; this one may only become them.
  const become = new PolicyStatement({
    actions: ['sts:AssumeRole'],
    resources: [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-*`],
  })
  role.addToPolicy(become)
  acknowledgeWildcards(role, become, 'How the roles of the CDK are called ends in the region.')
  new CfnOutput(stack, 'RoleArn', { value: role.roleArn })
  return stack
}

/**
 * Provisioning doors by a claim (fleet provisioning): a certificate that can only request another
 * one. Deployed only while the settings list doors that may be claimed, and valid only for those.
 */
import { Aws } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnPolicy, CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { acknowledgeWildcards } from '../checks.ts'
import { arn } from '../functions/permissions.ts'
import { doorPolicyName } from './doors.ts'

/** The default of `smart-door provision --claim`. */
export const templateName = 'smart-door'
export const claimPolicyName = 'smart-door-claim'

export function buildClaims(
  scope: Construct,
  claimable: readonly string[],
  hook: LambdaFunction,
): void {
  const here = new Construct(scope, 'Claims')
  new CfnPolicy(here, 'Policy', {
    policyName: claimPolicyName,
    policyDocument: { Version: '2012-10-17', Statement: claimStatements() },
  })
  hook.addPermission('Claims', {
    principal: new ServicePrincipal('iot.amazonaws.com'),
    sourceArn: arn('iot', `provisioningtemplate/${templateName}`),
    sourceAccount: Aws.ACCOUNT_ID,
  })
  const template = new CfnProvisioningTemplate(here, 'Template', {
    templateName,
    templateType: 'FLEET_PROVISIONING',
    enabled: true,
    templateBody: JSON.stringify(templateBody),
    provisioningRoleArn: provisioningRole(here, claimable).roleArn,
    preProvisioningHook: { targetArn: hook.functionArn, payloadVersion: '2020-04-01' },
  })
  // AWS calls the hook when the template is created, so the permission must exist before.
  template.node.addDependency(hook)
}

function claimStatements(): object[] {
  const requests = [
    '$aws/certificates/create-from-csr/json',
    `$aws/provisioning-templates/${templateName}/provision/json`,
  ]
  const answers = (kind: string) => requests.map((topic) => arn('iot', `${kind}/${topic}/*`))
  const allow = (Action: string, Resource: readonly string[]) => ({
    Effect: 'Allow',
    Action,
    Resource,
  })
  return [
    allow('iot:Connect', [arn('iot', 'client/claim-*')]),
    allow(
      'iot:Publish',
      requests.map((topic) => arn('iot', `topic/${topic}`)),
    ),
    allow('iot:Receive', answers('topic')),
    allow('iot:Subscribe', answers('topicfilter')),
  ]
}

const thingName = { Ref: 'ThingName' }

const templateBody = {
  Parameters: {
    ThingName: { Type: 'String' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: thingName } },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: doorPolicyName } },
  },
}

/** AWS's ready-made role may attach any policy to anything; this one only the doors' policy. */
function provisioningRole(scope: Construct, claimable: readonly string[]): Role {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('iot.amazonaws.com') })
  const things = claimable.map((name) => arn('iot', `thing/${name}`))
  const certificates = arn('iot', 'cert/*')
  const statements = [
    new PolicyStatement({
      actions: ['iot:CreateThing', 'iot:DescribeThing', 'iot:UpdateThing'],
      resources: things,
    }),
    new PolicyStatement({
      actions: [
        'iot:DescribeCertificate',
        'iot:UpdateCertificate',
        'iot:ListPrincipalPolicies',
        'iot:AttachPolicy',
        'iot:AttachPrincipalPolicy',
        'iot:AttachThingPrincipal',
      ],
      resources: [...things, certificates, arn('iot', `policy/${doorPolicyName}`)],
    }),
    new PolicyStatement({
      actions: ['iot:GetPolicy'],
      resources: [arn('iot', `policy/${doorPolicyName}`)],
    }),
  ]
  for (const statement of statements) {
    role.addToPolicy(statement)
    acknowledgeWildcards(
      role,
      statement,
      'The id of a certificate is not known before it is created.',
    )
  }
  return role
}

/** Deploys a template by CloudFormation's API, as the CDK's command does. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CloudFormation } from '@aws-sdk/client-cloudformation'
import { STS } from '@aws-sdk/client-sts'
import { parseTemplate, type Template } from '../../../simulation/aws/cloudformation/template.ts'
import { accountId } from '../../../simulation/aws/deploy.ts'
import type { AwsServer } from '../../../simulation/aws/server.ts'
import { templateFor } from '../../support/cloud/template-for.ts'
import { RehearsalFailed } from '../stage.ts'

const StackName = 'SmartDoor'

export async function templateOf(
  doors: readonly string[],
  change: (template: Template) => void,
): Promise<Template> {
  const template = structuredClone(await templateFor(doors))
  const names = { ...template.Outputs['DoorNames'], Value: doors.join(',') || 'none' }
  const wanted = parseTemplate({
    ...template,
    Outputs: { ...template.Outputs, DoorNames: names },
  })
  change(wanted)
  return wanted
}

const RoleArn = `arn:aws:iam::${accountId}:role/cdk-hnb659fds-deploy-role-${accountId}-eu-central-1`

/** As the role that the CDK has made for this; owners may not deploy themselves. */
async function clientFor({ url, region }: AwsServer): Promise<CloudFormation> {
  const options = { endpoint: url, region }
  const owner = { accessKeyId: 'owner', secretAccessKey: 'owner' }
  const sts = new STS({ ...options, credentials: owner })
  const { Credentials: role } = await sts.assumeRole({ RoleArn, RoleSessionName: 'rehearsal' })
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = role ?? {}
  return new CloudFormation({
    ...options,
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    },
  })
}

/** Returns what the stack's outputs are. */
export async function deployTemplate(aws: AwsServer, template: Template): Promise<string> {
  const client = await clientFor(aws)
  const stack = await client.describeStacks({ StackName }).catch(() => null)
  const { Id: ChangeSetName } = await client.createChangeSet({
    ...{ StackName, ChangeSetName: 'rehearsal', TemplateBody: JSON.stringify(template) },
    ChangeSetType: stack ? 'UPDATE' : 'CREATE',
  })
  await client.executeChangeSet({ ChangeSetName })
  for (;;) {
    const { Stacks: [made] = [] } = await client.describeStacks({ StackName })
    const { StackStatus: status = '', StackStatusReason: reason } = made ?? {}
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) {
      return (made?.Outputs ?? []).map((one) => `${one.OutputKey} = ${one.OutputValue}`).join('\n')
    }
    if (!status.endsWith('IN_PROGRESS')) throw new RehearsalFailed(`${status}: ${reason}`)
    await sleep(5)
  }
}

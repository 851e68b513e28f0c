/** Deploys a template by CloudFormation's API, as the CDK's command does. */

import { setTimeout as sleep } from 'node:timers/promises'
import { CloudFormation } from '@aws-sdk/client-cloudformation'
import { parseTemplate, type Template } from '../../../simulation/aws/cloudformation/template.ts'
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

/** Returns what the stack's outputs are. */
export async function deployTemplate(
  { url, region }: AwsServer,
  template: Template,
): Promise<string> {
  const client = new CloudFormation({
    ...{ endpoint: url, region },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
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

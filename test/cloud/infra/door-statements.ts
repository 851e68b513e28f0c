/** The deployed IoT policies of doors and claims. */
import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import * as z from 'zod/mini'
import { buildDoors } from '../../../cloud/infra/doors/doors.ts'
import { type IotStatement, iotStatementSchema } from '../../../simulation/aws/iot/policy.ts'

/** With CloudFormation's references resolved. */
export function doorStatements(): readonly IotStatement[] {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), 'Doors', {
    env: { account: '111122223333', region: 'eu-central-1' },
  })
  const photos = new Bucket(stack, 'Photos')
  buildDoors(stack, ['front-door'], { photos, webOrigin: 'https://door.example' })
  return statementsIn(Template.fromStack(stack), 'smart-door')
}

export function statementsIn(template: Template, PolicyName: string): readonly IotStatement[] {
  const found = template.findResources('AWS::IoT::Policy', { Properties: { PolicyName } })
  const schema = z.object({
    Properties: z.object({ PolicyDocument: z.object({ Statement: z.array(z.unknown()) }) }),
  })
  return Object.values(found).flatMap((policy) =>
    z
      .parse(schema, policy)
      .Properties.PolicyDocument.Statement.map((statement) =>
        z.parse(iotStatementSchema, written(statement)),
      ),
  )
}

/** Replaces `Fn::Join` and `Ref` by their values after deployment. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written)
  if (typeof value !== 'object' || value === null) return value
  if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) {
    const [between, parts] = value['Fn::Join']
    return parts.map((part: unknown) => written(part)).join(between)
  }
  if ('Ref' in value) return pseudo[String(value.Ref)] ?? String(value.Ref)
  if ('Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt'])) {
    return `arn:aws:iot:eu-central-1:111122223333:rolealias/${value['Fn::GetAtt'][0]}`
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, written(one)]))
}

const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '111122223333',
}

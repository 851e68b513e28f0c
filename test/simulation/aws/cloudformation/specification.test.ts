/** The template keeps to CloudFormation's own specification. */
import { beforeAll, expect, test } from 'vitest'
import { synthesized } from '../../../../simulation/aws/cloudformation/synthesis.ts'
import { parseTemplate, type Template } from '../../../../simulation/aws/cloudformation/template.ts'
import { specificationBreaches } from './specification.ts'

let template: Template
beforeAll(async () => {
  template = await synthesized()
})

test('every resource and property of the deployment exists and has the right type', async () => {
  expect(await specificationBreaches(template)).toEqual([])
})

test.each([
  ['a type', { Type: 'AWS::SQS::Line' }, 'AWS::SQS::Line is not a type of resource.'],
  ['a property', { Properties: { Lifetime: 1 } }, 'Properties.Lifetime does not exist.'],
  [
    'the type of a value',
    { Properties: { VisibilityTimeout: 'long' } },
    'Properties.VisibilityTimeout is not of the type integer.',
  ],
  ['a missing one', { Type: 'AWS::IoT::Policy' }, 'Properties.PolicyDocument is missing.'],
  [
    'an inner property',
    {
      Type: 'AWS::S3::Bucket',
      Properties: { CorsConfiguration: { CorsRules: [{ MaxAge: 'x' }] } },
    },
    'Properties.CorsConfiguration.CorsRules.0.MaxAge is not of the type integer.',
  ],
  [
    'an attribute',
    { Properties: { QueueName: { 'Fn::GetAtt': ['A', 'Length'] } } },
    'A.Length is not an attribute.',
  ],
])('a mistake in %s is found', async (_, resource, sentence) => {
  const wrong = parseTemplate({ Resources: { A: { Type: 'AWS::SQS::Queue', ...resource } } })
  const type = wrong.Resources['A']?.Type
  expect(await specificationBreaches(wrong)).toContain(`A (${type}): ${sentence}`)
})

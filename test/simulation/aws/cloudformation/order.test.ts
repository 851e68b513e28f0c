/** Resources are created after those that they need. */
import { expect, test } from 'vitest'
import { creationOrder } from '../../../../simulation/aws/cloudformation/order.ts'
import { parseTemplate } from '../../../../simulation/aws/cloudformation/template.ts'

const order = (Resources: Readonly<Record<string, object>>) =>
  creationOrder(parseTemplate({ Resources }))

const resource = (properties: object, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
  ...more,
})

test('after what they refer to and what they depend on', () => {
  const resources = {
    Rule: resource({ Target: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
    Function: resource({ Name: { 'Fn::Sub': '$' + '{Table}' } }, { DependsOn: ['Policy'] }),
    Policy: resource({}, { DependsOn: 'Role' }),
    Table: resource({}),
    Role: resource({ Region: { Ref: 'AWS::Region' } }),
  }
  expect(order(resources)).toEqual(['Role', 'Policy', 'Table', 'Function', 'Rule'])
})

test('a cycle is named', () => {
  const resources = { A: resource({ b: { Ref: 'B' } }), B: resource({ a: { Ref: 'A' } }) }
  expect(() => order(resources)).toThrow('A → B → A')
})

test('a missing dependency is named', () => {
  expect(() => order({ A: resource({}, { DependsOn: 'Z' }) })).toThrow('A depends on Z')
})

/** CloudFormation's intrinsic functions. */
import { describe, expect, test } from 'vitest'
import {
  namesIn,
  noValue,
  resolve,
  type Scope,
} from '../../../../simulation/aws/cloudformation/intrinsics.ts'

const scope: Scope = {
  mappings: { Sizes: { 'eu-central-1': { memory: '512' } } },
  ref(name) {
    if (name === 'AWS::NoValue') return noValue
    return name === 'AWS::Region' ? 'eu-central-1' : `${name.toLowerCase()}-1`
  },
  getAtt: (resource, attribute) => `arn:${resource}:${attribute}`,
  condition: (name) => name === 'IsLarge',
}
const value = (of: unknown) => resolve(of, scope)

test.each([
  ['a reference', { Ref: 'Queue' }, 'queue-1'],
  ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-central-1'],
  ['an attribute', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:Queue:Arn'],
  ['an attribute, short', { 'Fn::GetAtt': 'Table.StreamArn' }, 'arn:Table:StreamArn'],
  ['an attribute of an attribute', { 'Fn::GetAtt': 'Db.Endpoint.Port' }, 'arn:Db:Endpoint.Port'],
  ['joined texts', { 'Fn::Join': ['/', ['a', { Ref: 'B' }, 3]] }, 'a/b-1/3'],
  ['a split text', { 'Fn::Split': [',', 'a,b'] }, ['a', 'b']],
  ['a selected item', { 'Fn::Select': ['1', { 'Fn::Split': [',', 'a,b'] }] }, 'b'],
  ['a text in base64', { 'Fn::Base64': 'door' }, 'ZG9vcg=='],
  ['a mapped value', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, '512'],
  ['the first choice', { 'Fn::If': ['IsLarge', { Ref: 'A' }, 'b'] }, 'a-1'],
  ['the other choice', { 'Fn::If': ['IsSmall', 'a', 'b'] }, 'b'],
  ['equal values', { 'Fn::Equals': [{ Ref: 'A' }, 'a-1'] }, true],
  ['unequal values', { 'Fn::Equals': ['a', 'b'] }, false],
  ['a negation', { 'Fn::Not': [{ Condition: 'IsLarge' }] }, false],
  ['all of several', { 'Fn::And': [{ Condition: 'IsLarge' }, { Condition: 'IsSmall' }] }, false],
  ['any of several', { 'Fn::Or': [{ Condition: 'IsLarge' }, { Condition: 'IsSmall' }] }, true],
  ['a list with a value', { 'Fn::Contains': [['1', '2'], { 'Fn::Select': [0, ['2']] }] }, true],
  ['values in objects and lists', { a: [{ b: { Ref: 'C' } }] }, { a: [{ b: 'c-1' }] }],
])('%s', (_, of, result) => {
  expect(value(of)).toEqual(result)
})

test.each([
  ['$' + '{Queue}', 'queue-1'],
  ['arn:$' + '{AWS::Region}:$' + '{Queue.Arn}', 'arn:eu-central-1:arn:Queue:Arn'],
  ['$' + '{!iot:Connection.Thing.ThingName}/x', '$' + '{iot:Connection.Thing.ThingName}/x'],
])('Fn::Sub fills in %s', (pattern, result) => {
  expect(value({ 'Fn::Sub': pattern })).toBe(result)
})

test('Fn::Sub takes variables of its own first', () => {
  expect(value({ 'Fn::Sub': ['$' + '{Queue} $' + '{B}', { Queue: { Ref: 'A' } }] })).toBe('a-1 b-1')
})

test('a field or item without a value is left out', () => {
  const absent = { Ref: 'AWS::NoValue' }
  expect(value({ a: absent, b: { 'Fn::If': ['IsSmall', 'x', absent] }, c: 1 })).toEqual({ c: 1 })
  expect(value(['a', absent])).toEqual(['a'])
})

test('the condition of a policy statement is no function', () => {
  const statement = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }
  expect(value(statement)).toEqual(statement)
  expect(value({ Ref: 'A', other: 1 })).toEqual({ Ref: 'A', other: 1 })
})

describe('refuses', () => {
  test.each([
    ['a function that it does not know', { 'Fn::Cidr': [] }, 'Fn::Cidr is not supported'],
    ['imports', { 'Fn::ImportValue': 'a' }, 'no other stack'],
    ['an item that is not there', { 'Fn::Select': [2, ['a']] }, 'no item 2 among 1'],
    ['an unmapped name', { 'Fn::FindInMap': ['Sizes', 'b', 'c'] }, 'No Sizes.b.c'],
    ['a list where a text must be', { 'Fn::Join': ['', [['a']]] }, 'Expected a text'],
    ['too few arguments', { 'Fn::If': ['IsLarge', 'a'] }, 'a list of 3'],
  ])('%s', (_, of, sentence) => {
    expect(() => value(of)).toThrow(sentence)
  })
})

test('finds every name that a value refers to', () => {
  const names = namesIn({
    a: [{ Ref: 'A' }, { 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }],
    b: { 'Fn::Sub': ['$' + '{D.Arn} $' + '{!E} $' + '{F}', { F: { Ref: 'G' } }] },
  })
  expect(new Set(names)).toEqual(new Set(['A', 'B', 'C', 'D', 'F', 'G']))
})

/** The judge of requests finds planted mistakes. */
import { expect } from 'vitest'
import { testProof } from '../../support/effort.ts'
import { judged } from './judge.ts'

const item = { pk: { S: 'a' }, sk: { S: 'b' } }

testProof('a request that AWS’s model does not allow is found, and a good one is not', () => {
  const requests = [
    ['DynamoDB', 'GetItem', { TableName: 'visits', Key: item }],
    ['DynamoDB', 'GetItem', { Key: item }],
    ['DynamoDB', 'GetItem', { TableName: 'visits', Key: { pk: 'a' } }],
    ['Rekognition', 'DetectFaces', { Image: { Bytes: { bytes: 3 } }, Attribute: ['ALL'] }],
    ['Kinesis Video', 'GetCollection', {}],
  ]
  const lines = requests.map(([service, operation, input]) =>
    JSON.stringify({ service, operation, input }),
  )
  const refused = { service: 'DynamoDB', operation: 'GetItem', input: {}, refused: true }
  const { judged: counts, wrong } = judged([...lines, JSON.stringify(refused)].join('\n'))
  expect(counts['DynamoDB GetItem']).toBe(4)
  expect(wrong).toEqual([
    expect.stringContaining('Missing required parameter in input: "TableName"'),
    expect.stringContaining('Invalid type for parameter Key.pk'),
    expect.stringContaining('Unknown parameter in input: "Attribute"'),
    'Kinesis Video GetCollection: the models have no such operation',
  ])
})

/** How Lambda hands the records of a stream to a function. */
import { expect, test } from 'vitest'
import type { StreamRecord } from '../../../../simulation/aws/dynamodb/streams.ts'
import { parsePattern, passes } from '../../../../simulation/aws/lambda/filters.ts'
import { deliverRecords } from '../../../../simulation/aws/lambda/stream-source.ts'
import { queueOf } from '../../../../simulation/aws/sqs/queues.ts'

const nowMs = Date.UTC(2026, 0, 2)
const recordOf = (id: string, ageSeconds = 0): StreamRecord => ({
  ...{ eventID: id, eventName: 'INSERT', eventVersion: '1.1', eventSource: 'aws:dynamodb' },
  ...{ awsRegion: 'eu-central-1', eventSourceARN: 'arn:stream' },
  dynamodb: {
    ApproximateCreationDateTime: nowMs / 1_000 - ageSeconds,
    Keys: { sk: { S: id } },
    SequenceNumber: id,
    SizeBytes: 1,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
})

type Answer = (ids: readonly string[]) => readonly string[] | 'throws'

/** What the function was given, and what was set aside. */
async function delivered(records: readonly StreamRecord[], answer: Answer, more: object = {}) {
  const given: string[] = []
  const dead = queueOf('arn:aws:sqs:eu-central-1:0:dead', 'eu-central-1')
  await deliverRecords(records, {
    ...{ batchSize: 4, patterns: [], retries: 2, maxAgeMs: 60_000, bisects: true },
    ...{ reportsFailures: true, onFailure: dead, nowMs: () => nowMs },
    async invoke({ Records }) {
      const ids = Records.map(({ eventID }) => eventID)
      given.push(ids.join(''))
      const failed = answer(ids)
      if (failed === 'throws') throw new Error('planned')
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
    },
    ...more,
  })
  const aside = dead.waiting().map(({ body }) => JSON.parse(body).DDBStreamBatchInfo)
  return { given, aside: aside.map((one) => `${one.startSequenceNumber}-${one.endSequenceNumber}`) }
}

const records = (ids: string) => [...ids].map((id) => recordOf(id))

test('in batches, in order', async () => {
  const { given, aside } = await delivered(records('abcdef'), () => [])
  expect({ given, aside }).toEqual({ given: ['abcd', 'ef'], aside: [] })
})

test('again from the first that failed', async () => {
  let fails = true
  const { given, aside } = await delivered(records('abcd'), (ids) => {
    const failed = fails && ids.includes('c') ? ['c'] : []
    fails = false
    return failed
  })
  expect({ given, aside }).toEqual({ given: ['abcd', 'cd'], aside: [] })
})

test('halved until the one that throws is alone, which is set aside', async () => {
  const { given, aside } = await delivered(records('abcd'), (ids) =>
    ids.includes('b') ? 'throws' : [],
  )
  expect(given).toEqual(['abcd', 'ab', 'a', 'b', 'cd'])
  expect(aside).toEqual(['b-b'])
})

test('as a whole if the function does not say which failed', async () => {
  const { given } = await delivered(records('ab'), () => ['b'], { reportsFailures: false })
  expect(given).toEqual(['ab'])
})

test('not again when they are too old', async () => {
  const { given, aside } = await delivered([recordOf('a', 61)], () => ['a'])
  expect({ given, aside }).toEqual({ given: ['a'], aside: ['a-a'] })
})

test('only those that pass the filter', async () => {
  const patterns = [parsePattern('{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"v"}]}}}}')]
  const { given } = await delivered(records('avbv'), () => [], { patterns })
  expect(given).toEqual(['vv'])
})

test('filters compare values, and refuse rules without a model', () => {
  expect(passes({ eventName: 'REMOVE' }, [{ eventName: ['INSERT', 'REMOVE'] }])).toBe(true)
  expect(passes({ eventName: 'MODIFY' }, [{ eventName: ['INSERT', 'REMOVE'] }])).toBe(false)
  expect(() => parsePattern('{"a":[{"numeric":["=",1]}]}')).toThrow('has no model here')
})

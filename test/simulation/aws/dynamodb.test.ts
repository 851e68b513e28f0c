/** The stand-in for DynamoDB, through the client that the product uses. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ListBackupsCommand,
} from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { AbstractValueIterator } from 'abstract-level'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { StreamRecord } from '../../../simulation/aws/dynamodb/streams.ts'
import { transactionConflict } from '../../../simulation/aws/dynamodb/transactions.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { createTables } from '../../support/cloud/deployed-tables.ts'

const fault = { service: 'dynamodb' } as const
const names = { visits: 'visits', visitors: 'visitors', passcodes: 'passcodes' }
const { visits, visitors, passcodes } = names
const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function clientOf(aws: AwsServer, maxAttempts = 1, requestTimeout = 20_000) {
  const raw = new DynamoDBClient({
    endpoint: aws.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
    requestHandler: { requestTimeout, throwOnRequestTimeout: true },
  })
  closers.push(() => raw.destroy())
  return { raw, doc: DynamoDBDocumentClient.from(raw) }
}

async function started(tablesFolder?: string, maxAttempts = 1) {
  const aws = await startAws({ tablesFolder })
  closers.push(aws.close)
  const db = aws.dynamodb
  const { raw, doc } = clientOf(aws, maxAttempts)
  await createTables(raw, names)
  db.resetCounts()
  const get = async (table: string, sk: string, pk = 'p') =>
    (await doc.send(new GetCommand({ TableName: table, Key: { pk, sk } }))).Item
  const put = (table: string, sk: string, more: Record<string, unknown> = {}, pk = 'p') =>
    doc.send(new PutCommand({ TableName: table, Item: { pk, sk, ...more } }))
  const transact = (
    TransactItems: NonNullable<TransactWriteCommandInput['TransactItems']>,
    ClientRequestToken?: string,
  ) => doc.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }))
  return { aws, db, raw, doc, get, put, transact }
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'it worked',
    (problem) => problem,
  )

const add = (sk: string, n: number, TableName = visits) => ({
  Update: {
    TableName,
    Key: { pk: 'p', sk },
    UpdateExpression: 'ADD n :n',
    ExpressionAttributeValues: { ':n': n },
  },
})
const putNew = (sk: string, TableName = visits, more: Record<string, unknown> = {}) => ({
  Put: {
    TableName,
    Item: { pk: 'p', sk, ...more },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  },
})

describe('what it does not know', () => {
  test('is refused, not swallowed', async () => {
    const { raw, doc } = await started()
    const refusals = [
      await failure(
        doc.send(
          new BatchGetCommand({ RequestItems: { visits: { Keys: [{ pk: 'p', sk: 'a' }] } } }),
        ),
      ),
      await failure(raw.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM visits' }))),
      await failure(raw.send(new ListBackupsCommand({}))),
    ]
    for (const refused of refusals) {
      expect(refused).toMatchObject({ name: 'UnknownOperationException' })
    }
  })

  test('a call without a valid signature is refused', async () => {
    const { aws } = await started()
    const target = { 'x-amz-target': 'DynamoDB_20120810.GetItem' }
    const post = async (authorization: Record<string, string>) =>
      (
        await fetch(aws.url, {
          method: 'POST',
          body: '{}',
          headers: { ...target, ...authorization },
        })
      ).text()
    expect(await post({})).toContain('IncompleteSignatureException')
    const forged = new DynamoDBClient({
      endpoint: aws.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'wrong' },
      maxAttempts: 1,
    })
    closers.push(() => forged.destroy())
    expect(
      await failure(forged.send(new DescribeTableCommand({ TableName: visits }))),
    ).toMatchObject({ name: 'InvalidSignatureException' })
  })
})

describe('the tables', () => {
  test('are made once, and stay when asked for again', async () => {
    const { raw, put, get } = await started()
    await put(visits, 'kept')
    await createTables(raw, names)
    expect(await get(visits, 'kept')).toEqual({ pk: 'p', sk: 'kept' })
    const { Table } = await raw.send(new DescribeTableCommand({ TableName: visitors }))
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
    })
  })

  test('have an index with only the items that belong in it, newest first, page by page', async () => {
    const { doc, put } = await started()
    for (let n = 1; n <= 5; n += 1) await put(visits, `v${n}`, { household: 'h', startedAtMs: n })
    await put(visits, 'v9', { household: 'other', startedAtMs: 9 })
    await put(visits, 'request', { household: 'h' })
    const page = (ExclusiveStartKey?: Record<string, unknown>) =>
      doc.send(
        new QueryCommand({
          TableName: visits,
          IndexName: 'byHousehold',
          KeyConditionExpression: 'household = :h AND startedAtMs BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':h': 'h', ':from': 2, ':to': 10 },
          ScanIndexForward: false,
          Limit: 3,
          ExclusiveStartKey,
        }),
      )
    const first = await page()
    expect(first.Items?.map(({ sk }) => sk)).toEqual(['v5', 'v4', 'v3'])
    expect((await page(first.LastEvaluatedKey)).Items?.map(({ sk }) => sk)).toEqual(['v2'])
  })

  test('keep times in a list that a condition can look into', async () => {
    const { doc, get } = await started()
    const count = (nowMs: number) =>
      doc.send(
        new UpdateCommand({
          TableName: passcodes,
          Key: { pk: 'p', sk: 'limit' },
          UpdateExpression: 'SET times = list_append(:now, if_not_exists(times, :none))',
          ConditionExpression:
            '(attribute_not_exists(times[2]) OR times[2] < :short) AND (attribute_not_exists(times[4]) OR times[4] < :long)',
          ExpressionAttributeValues: {
            ':now': [nowMs],
            ':none': [],
            ':short': nowMs - 10,
            ':long': nowMs - 100,
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
    for (const nowMs of [995, 996, 997]) await count(nowMs)
    expect(await failure(count(1005))).toMatchObject({ name: 'ConditionalCheckFailedException' })
    await count(1006)
    await count(1007)
    // The fifth-last was 995: not long enough ago, although the third-last was.
    expect(await failure(count(1018))).toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { times: { L: [1007, 1006, 997, 996, 995].map((ms) => ({ N: String(ms) })) } },
    })
    await count(1096)
    expect((await get(passcodes, 'limit'))?.['times']).toEqual([1096, 1007, 1006, 997, 996, 995])
  })
})

test('reading a table keeps nothing of it in memory', async () => {
  const { doc, put } = await started()
  for (const sk of ['1', '2', '3']) await put(visits, sk)
  const page = new QueryCommand({
    TableName: visits,
    KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': 'p' },
    Limit: 2,
  })
  // Its database holds an iterator until that is closed.
  const closed = vi.spyOn(AbstractValueIterator.prototype, 'close')
  closers.push(() => closed.mockRestore())
  for (let nth = 0; nth < 20; nth += 1) await doc.send(page)
  expect(closed.mock.calls.length).toBeGreaterThanOrEqual(20)
})

describe('a refused write', () => {
  const condition = { ConditionExpression: 'n = :other' }
  const at = { TableName: visits, Key: { pk: 'p', sk: 'a' } }
  const values = { ExpressionAttributeValues: { ':other': 2 } }
  const wanted = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const
  const update = { UpdateExpression: 'SET n = :other' }

  test('tells what the item is, when asked to', async () => {
    const { doc, put, get } = await started()
    await put(visits, 'a', { n: 1, photo: new Uint8Array([1, 2]) })
    const Item = { pk: 'p', sk: 'a' }
    const replies = await Promise.all([
      failure(
        doc.send(new UpdateCommand({ ...at, ...condition, ...values, ...wanted, ...update })),
      ),
      failure(doc.send(new DeleteCommand({ ...at, ...condition, ...values, ...wanted }))),
      failure(
        doc.send(new PutCommand({ TableName: visits, Item, ...condition, ...values, ...wanted })),
      ),
    ])
    for (const reply of replies) {
      expect(reply).toMatchObject({
        name: 'ConditionalCheckFailedException',
        Item: {
          pk: { S: 'p' },
          sk: { S: 'a' },
          n: { N: '1' },
          photo: { B: new Uint8Array([1, 2]) },
        },
      })
    }
    expect(await get(visits, 'a')).toMatchObject({ n: 1 })
  })

  test('tells nothing when not asked, or when there is no item', async () => {
    const { doc, put } = await started()
    await put(visits, 'a', { n: 1 })
    const silent = await failure(doc.send(new DeleteCommand({ ...at, ...condition, ...values })))
    expect(silent).toMatchObject({ name: 'ConditionalCheckFailedException' })
    expect(silent).not.toHaveProperty('Item.pk')
    const Key = { pk: 'p', sk: 'none' }
    const missing = await failure(
      doc.send(new UpdateCommand({ ...at, Key, ...condition, ...values, ...wanted, ...update })),
    )
    expect(missing).toMatchObject({ name: 'ConditionalCheckFailedException' })
    expect(missing).not.toHaveProperty('Item.pk')
  })

  test('leaves one winner of a race', async () => {
    const { doc } = await started()
    const attempts = Array.from({ length: 100 }, (_, n) =>
      failure(doc.send(new PutCommand({ TableName: visits, ...putNewItem(n) }))),
    )
    const replies = await Promise.all(attempts)
    expect(replies.filter((reply) => !(reply instanceof Error))).toHaveLength(1)
  })

  const putNewItem = (n: number) => ({
    Item: { pk: 'p', sk: 'only', n },
    ConditionExpression: 'attribute_not_exists(pk)',
  })
})

describe('a transaction', () => {
  test('does all of it, over several tables', async () => {
    const { transact, get, put } = await started()
    await put(visits, 'gone')
    await put(visits, 'there')
    await transact([
      putNew('a', passcodes, { n: 1 }),
      add('b', 2),
      { Delete: { TableName: visits, Key: { pk: 'p', sk: 'gone' } } },
      {
        ConditionCheck: {
          TableName: visits,
          Key: { pk: 'p', sk: 'there' },
          ConditionExpression: 'attribute_exists(pk)',
        },
      },
    ])
    expect(await get(passcodes, 'a')).toMatchObject({ n: 1 })
    expect(await get(visits, 'b')).toMatchObject({ n: 2 })
    expect(await get(visits, 'gone')).toBeUndefined()
    expect(await get(visits, 'there')).toEqual({ pk: 'p', sk: 'there' })
  })

  test('does nothing when one part is refused, and tells every reason in order', async () => {
    const { transact, doc, put, db } = await started()
    const before = { household: 'h', startedAtMs: 1, n: 7 }
    await put(visits, 'visit', before)
    await put(visits, 'deleted', { n: 3 })
    await put(passcodes, 'taken', { n: 1 })
    db.resetCounts()
    const refused = await failure(
      transact([
        {
          Update: {
            TableName: visits,
            Key: { pk: 'p', sk: 'visit' },
            UpdateExpression: 'SET startedAtMs = :late REMOVE n',
            ExpressionAttributeValues: { ':late': 99 },
          },
        },
        putNew('taken', passcodes),
        { Delete: { TableName: visits, Key: { pk: 'p', sk: 'deleted' } } },
        {
          ConditionCheck: {
            TableName: visits,
            Key: { pk: 'p', sk: 'nobody' },
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        putNew('new', visits, { household: 'h', startedAtMs: 50 }),
      ]),
    )
    const Message = 'The conditional request failed'
    expect(refused).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None, ConditionalCheckFailed, None]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message,
          Item: { pk: { S: 'p' }, sk: { S: 'taken' }, n: { N: '1' } },
        },
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message },
        { Code: 'None' },
      ],
    })
    expect(db.counts()).toMatchObject({ writes: 1, transactions: 1, reads: 0 })
    const { Items } = await doc.send(new ScanCommand({ TableName: visits }))
    expect(Items?.toSorted((a, b) => a['sk'].localeCompare(b['sk']))).toEqual([
      { pk: 'p', sk: 'deleted', n: 3 },
      { pk: 'p', sk: 'visit', ...before },
    ])
    // The index too is as it was.
    const indexed = await doc.send(
      new QueryCommand({
        TableName: visits,
        IndexName: 'byHousehold',
        KeyConditionExpression: 'household = :h',
        ExpressionAttributeValues: { ':h': 'h' },
      }),
    )
    expect(indexed.Items).toEqual([{ pk: 'p', sk: 'visit', ...before }])
  })

  test('that only checks leaves no item behind', async () => {
    const { transact, get } = await started()
    await transact([
      {
        ConditionCheck: {
          TableName: visits,
          Key: { pk: 'p', sk: 'nobody' },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      add('other', 1),
    ])
    expect(await get(visits, 'nobody')).toBeUndefined()
    expect(await get(visits, 'other')).toMatchObject({ n: 1 })
  })

  test('leaves one winner of a race', async () => {
    const { transact, get } = await started()
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => failure(transact([add('count', 1), putNew('only')]))),
    )
    expect(replies.filter((reply) => !(reply instanceof Error))).toHaveLength(1)
    expect(await get(visits, 'count')).toMatchObject({ n: 1 })
  })

  test('is never seen half done', async () => {
    const { transact, doc, put, get } = await started()
    await put(visits, 'a', { n: 100 })
    await put(visits, 'b', { n: 0 })
    await put(visits, 'z', { n: 0 })
    const look = async () => {
      const query = new QueryCommand({
        TableName: visits,
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': 'p' },
      })
      const { Items = [] } = await doc.send(query)
      return Items.reduce((sum, { n }) => sum + n, 0)
    }
    // Every other one is refused at its end, when its first parts are written already.
    const move = (n: number) =>
      transact([add('a', -1), add('b', 1), ...(n % 2 === 0 ? [] : [putNew('z')])])
    const sums = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const [, sum] = await Promise.all([failure(move(n)), look()])
        return sum
      }),
    )
    expect(new Set(sums)).toEqual(new Set([100]))
    expect(await get(visits, 'b')).toMatchObject({ n: 10 })
  })

  test('takes up to a hundred items, each once', async () => {
    const { transact, get } = await started()
    const many = (count: number) => Array.from({ length: count }, (_, n) => add(`i${n}`, 1))
    const wrong = [many(101), [add('a', 1), putNew('a')], [{ ...add('a', 1), ...putNew('b') }], []]
    for (const items of wrong) {
      expect(await failure(transact(items))).toMatchObject({ name: 'ValidationException' })
    }
    expect(await get(visits, 'i0')).toBeUndefined()
    await transact(many(100))
    expect(await get(visits, 'i99')).toMatchObject({ n: 1 })
    // The same key in another table is another item.
    await transact([add('x', 1), add('x', 1, passcodes)])
  })

  test('with a wrong expression is no transaction at all', async () => {
    const { transact, get } = await started()
    const wrong = { ...add('b', 1).Update, UpdateExpression: 'ADD n n n :n' }
    expect(await failure(transact([add('a', 1), { Update: wrong }]))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Invalid UpdateExpression'),
    })
    expect(await failure(transact([add('a', 1), add('b', 1, 'no-such-table')]))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
    expect(await get(visits, 'a')).toBeUndefined()
  })

  test('is done once for each token', async () => {
    const { transact, get } = await started()
    await transact([add('a', 1)], 'token')
    await transact([add('a', 1)], 'token')
    expect(await get(visits, 'a')).toMatchObject({ n: 1 })
    expect(await failure(transact([add('a', 2)], 'token'))).toMatchObject({
      name: 'IdempotentParameterMismatchException',
    })
    await transact([add('a', 1)], 'other token')
    expect(await get(visits, 'a')).toMatchObject({ n: 2 })
  })

  test('that was refused can be tried again with its token', async () => {
    const { transact, put, doc, get } = await started()
    await put(visits, 'only')
    expect(await failure(transact([putNew('only')], 'token'))).toBeInstanceOf(Error)
    await doc.send(new DeleteCommand({ TableName: visits, Key: { pk: 'p', sk: 'only' } }))
    await transact([putNew('only')], 'token')
    expect(await get(visits, 'only')).toBeDefined()
  })

  test('whose answer was lost is not done twice by the client that repeats it', async () => {
    const { aws, db, transact, get } = await started(undefined, 3)
    aws.fault({ ...fault, operation: 'TransactWriteItems', nth: 1, kind: 'reset', when: 'after' })
    await transact([add('a', 1)])
    expect(db.counts()).toMatchObject({ transactions: 2 })
    expect(await get(visits, 'a')).toMatchObject({ n: 1 })
  })
})

describe('a stream', () => {
  async function listening() {
    const all = await started()
    const records: StreamRecord[] = []
    const calls: number[] = []
    all.db.listen(visitors, ({ Records }) => {
      calls.push(Records.length)
      records.push(...Records)
    })
    const heard = async () => {
      await all.db.drained()
      return records.map(({ eventName, dynamodb }) => `${eventName} ${keyOf(dynamodb.Keys)}`)
    }
    return { ...all, records, calls, heard }
  }
  const keyOf = (keys: StreamRecord['dynamodb']['Keys']) =>
    JSON.stringify(keys['sk']).replace(/[^a-z0-9]/g, '')

  test('tells every change of an item, in order, as a function gets it', async () => {
    const { doc, put, heard, records } = await listening()
    await put(visitors, 'a', { n: 1, photo: new Uint8Array([1]) })
    await put(visitors, 'a', { n: 1, photo: new Uint8Array([1]) })
    const Key = { pk: 'p', sk: 'a' }
    const change = {
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': 2 },
    }
    await doc.send(new UpdateCommand({ TableName: visitors, Key, ...change }))
    await doc.send(new DeleteCommand({ TableName: visitors, Key }))
    await doc.send(new DeleteCommand({ TableName: visitors, Key }))
    await put(visits, 'elsewhere')
    expect(await heard()).toEqual(['INSERT a', 'MODIFY a', 'REMOVE a'])
    const Keys = { pk: { S: 'p' }, sk: { S: 'a' } }
    const first = { ...Keys, n: { N: '1' }, photo: { B: 'AQ==' } }
    const second = { ...first, n: { N: '2' } }
    expect(records.map(({ dynamodb }) => dynamodb)).toMatchObject([
      { Keys, NewImage: first },
      { Keys, OldImage: first, NewImage: second },
      { Keys, OldImage: second },
    ])
    expect(records[0]?.dynamodb).not.toHaveProperty('OldImage')
    expect(records[2]?.dynamodb).not.toHaveProperty('NewImage')
    expect(records[0]).toMatchObject({ eventSource: 'aws:dynamodb', eventVersion: '1.1' })
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber))
    expect(numbers.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(numbers)
    expect(new Set(numbers).size).toBe(3)
  })

  test('contains what transactions wrote, and nothing that was refused', async () => {
    const { doc, transact, put, heard, calls } = await listening()
    await transact([add('a', 1, visitors), add('v', 1), add('b', 1, visitors)])
    await failure(transact([add('a', 1, visitors), putNew('b', visitors)]))
    await failure(doc.send(new PutCommand(putNew('a', visitors).Put)))
    await transact([add('a', 1, visitors)], 'token')
    await transact([add('a', 1, visitors)], 'token')
    await put(visitors, 'last')
    expect(await heard()).toEqual(['INSERT a', 'INSERT b', 'MODIFY a', 'INSERT last'])
    expect(calls).toEqual([2, 1, 1])
  })

  test('waits for its listener, which may itself write', async () => {
    const { db, put } = await started()
    const heard: string[] = []
    const stop = db.listen(visitors, async ({ Records }) => {
      const sk = keyOf(Records[0]?.dynamodb.Keys ?? {})
      if (sk === 'a') await put(visitors, 'b')
      heard.push(sk)
    })
    await put(visitors, 'a')
    await db.drained()
    expect(heard).toEqual(['a', 'b'])
    stop()
    await put(visitors, 'c')
    await db.drained()
    expect(heard).toHaveLength(2)
  })

  test('rejects with what its listener threw', async () => {
    const { db, put } = await started()
    db.listen(visitors, () => {
      throw new Error('no')
    })
    await put(visitors, 'a')
    await expect(db.drained()).rejects.toThrow('no')
  })
})

test('calls are counted by kind', async () => {
  const { db, doc, put, get, transact } = await started()
  db.listen(visitors, () => {})
  await put(visits, 'a')
  await put(visitors, 'a')
  await get(visits, 'a')
  await transact([add('a', 1), add('b', 1), add('c', 1, passcodes)])
  await failure(transact([putNew('a')]))
  await doc.send(new ScanCommand({ TableName: visits }))
  expect(db.counts()).toMatchObject({ writes: 4, reads: 1, scans: 1, transactions: 2 })
  db.resetCounts()
  expect(db.counts()).toMatchObject({ writes: 0, reads: 0, scans: 0 })
})

describe('faults on demand', () => {
  test('refuse the n-th call, and change nothing', async () => {
    const { aws, put, get } = await started()
    aws.fault({ ...fault, operation: 'PutItem', kind: 'throttle', nth: 2 })
    aws.fault({ ...fault, operation: 'PutItem', kind: 'error', nth: 4 })
    await put(visits, 'a')
    expect(await failure(put(visits, 'b'))).toMatchObject({
      name: 'ProvisionedThroughputExceededException',
    })
    await put(visits, 'c')
    expect(await failure(put(passcodes, 'd'))).toMatchObject({
      name: 'InternalServerError',
      $metadata: { httpStatusCode: 500 },
    })
    await put(passcodes, 'e')
    expect(await get(visits, 'b')).toBeUndefined()
    expect(await get(passcodes, 'd')).toBeUndefined()
  })

  test('are overcome by a client that repeats', async () => {
    const { aws, db, put, get } = await started(undefined, 3)
    aws.fault({ ...fault, operation: 'PutItem', kind: 'error', nth: 1 })
    await put(visits, 'a')
    expect(await get(visits, 'a')).toBeDefined()
    expect(db.counts()).toMatchObject({ writes: 2, reads: 1 })
  })

  test('leave a caller waiting', async () => {
    const { aws, put, get } = await started()
    aws.fault({ ...fault, operation: 'PutItem', kind: 'timeout', nth: 1 })
    const impatient = clientOf(aws, 1, 100).doc
    const Item = { pk: 'p', sk: 'a' }
    expect(
      await failure(impatient.send(new PutCommand({ TableName: visits, Item }))),
    ).toMatchObject({ name: 'TimeoutError' })
    expect(await get(visits, 'a')).toBeUndefined()
    await put(visits, 'a')
    expect(await get(visits, 'a')).toBeDefined()
  })

  test('lose the answer to what was done', async () => {
    const { aws, put, get } = await started()
    aws.fault({ ...fault, operation: 'PutItem', kind: 'reset', when: 'after' })
    expect(await failure(put(visits, 'a'))).toBeInstanceOf(Error)
    expect(await get(visits, 'a')).toBeDefined()
  })

  test('report another transaction on the same items', async () => {
    const { aws, transact } = await started()
    aws.fault({ ...fault, operation: 'TransactWriteItems', ...transactionConflict })
    expect(await failure(transact([add('a', 1), add('b', 1)]))).toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'TransactionConflict' }],
    })
  })
})

test('with a folder, tables and items are there after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dynamodb-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const before = await startAws({ tablesFolder: folder })
  const first = clientOf(before)
  await createTables(first.raw, names)
  const item = { pk: 'p', sk: 'a' }
  await first.doc.send(new PutCommand({ TableName: visitors, Item: item }))
  await before.close()

  const { get } = await started(folder)
  expect(await get(visitors, 'a')).toEqual(item)
})

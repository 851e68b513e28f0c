import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { SqsEvent } from '../../../simulation/aws/sqs/queues.ts'
import { awsClients, failureOf, settingsFor } from './aws-clients.ts'

let nowMs = Date.UTC(2026, 0, 2)
let aws: AwsServer
let clients: ReturnType<typeof awsClients>

beforeAll(async () => {
  aws = await startAws({
    nowMs: () => nowMs,
    queues: {
      wire: { visibilityMs: 10_000, maxReceives: 2 },
      pumped: { visibilityMs: 10_000, maxReceives: 2 },
    },
    secrets: { 'smart-door/door-key/maple-street_front': 'ab'.repeat(32) },
  })
  clients = awsClients(settingsFor(aws.url))
})
afterAll(async () => {
  clients.destroy()
  await aws.close()
})

const sendTo = (queue: string, MessageBody: string, DelaySeconds = 0) =>
  clients.sqs.send(
    new SendMessageCommand({ QueueUrl: aws.queueUrl(queue), MessageBody, DelaySeconds }),
  )

async function receive() {
  const QueueUrl = aws.queueUrl('wire')
  return (await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]
}

test('A message comes after its delay, again if it was not deleted, and not after that', async () => {
  const QueueUrl = aws.queueUrl('wire')
  const sent = await sendTo('wire', 'later ü', 10)
  expect(await receive()).toBeUndefined()
  nowMs += 10_000
  const first = await receive()
  expect(first).toMatchObject({ MessageId: sent.MessageId, Body: 'later ü' })
  expect(await receive()).toBeUndefined()

  nowMs += 10_000
  const again = await receive()
  expect(again?.MessageId).toBe(sent.MessageId)
  await clients.sqs.send(
    new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }),
  )
  nowMs += 60_000
  expect(await receive()).toBeUndefined()
  expect(aws.queue('wire').waiting()).toEqual([])
})

test('A missing queue and an unknown call are refused', async () => {
  expect(await failureOf(sendTo('none', 'x'))).toEqual({ name: 'QueueDoesNotExist', status: 400 })
  const purge = new PurgeQueueCommand({ QueueUrl: aws.queueUrl('wire') })
  expect((await failureOf(clients.sqs.send(purge))).status).toBe(501)
  expect((await failureOf(sendTo('wire', 'x', 901))).status).toBe(400)
})

test('The pump delivers due messages to a function, in the shape of real events', async () => {
  const events: SqsEvent[] = []
  const sentAtMs = nowMs
  const sent = await sendTo('pumped', '{"grantId":"1"}', 10)
  const pump = () =>
    aws.queue('pumped').pump(nowMs, async (event) => {
      events.push(event)
    })
  expect(await pump()).toEqual({ done: 0, failed: 0 })
  expect(aws.queue('pumped').nextDueMs()).toBe(sentAtMs + 10_000)
  nowMs += 10_000
  expect(await pump()).toEqual({ done: 1, failed: 0 })
  expect(await pump()).toEqual({ done: 0, failed: 0 })
  expect(events).toHaveLength(1)
  expect(events[0]?.Records).toMatchObject([
    {
      messageId: sent.MessageId,
      body: '{"grantId":"1"}',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(sentAtMs) },
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:pumped',
      awsRegion: 'eu-central-1',
    },
  ])
})

test('A failed message comes again, alone, and ends as a dead letter', async () => {
  const queue = aws.queue('pumped')
  for (const body of ['good', 'bad']) await sendTo('pumped', body)
  const seen: string[][] = []
  const deliver = async ({ Records }: SqsEvent) => {
    seen.push(Records.map(({ body }) => body))
    const bad = Records.filter(({ body }) => body === 'bad')
    return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) }
  }
  expect(await queue.pump(nowMs, deliver)).toEqual({ done: 1, failed: 1 })
  nowMs += 10_000
  await queue.pump(nowMs, deliver)
  nowMs += 10_000
  await queue.pump(nowMs, deliver)
  expect(seen).toEqual([['good', 'bad'], ['bad']])
  expect(queue.deadLetters().map(({ body }) => body)).toEqual(['bad'])
  expect(queue.waiting()).toEqual([])
})

test('A function that throws, or answers with an unknown id, fails its whole batch', async () => {
  const queue = aws.queue('pumped')
  await sendTo('pumped', 'one')
  const throws = async () => {
    throw new Error('broken')
  }
  expect(await queue.pump(nowMs, throws)).toEqual({ done: 0, failed: 1 })
  nowMs += 10_000
  const odd = async () => ({ batchItemFailures: [{ itemIdentifier: 'odd' }] })
  expect(await queue.pump(nowMs, odd)).toEqual({ done: 0, failed: 1 })
})

test('A secret is read by its name and its ARN, and its last value stays readable', async () => {
  const SecretId = 'smart-door/door-key/maple-street_front'
  const read = (input: ConstructorParameters<typeof GetSecretValueCommand>[0]) =>
    clients.secrets.send(new GetSecretValueCommand(input))
  const { ARN = '', SecretString } = await read({ SecretId })
  expect(SecretString).toBe('ab'.repeat(32))
  expect((await read({ SecretId: ARN })).Name).toBe(SecretId)
  await clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' }))
  expect((await read({ SecretId })).SecretString).toBe('new')
  const previous = await read({ SecretId, VersionStage: 'AWSPREVIOUS' })
  expect(previous.SecretString).toBe('ab'.repeat(32))
})

test('A secret is created once, also from bytes', async () => {
  const create = new CreateSecretCommand({ Name: 'made', SecretBinary: new Uint8Array([0, 255]) })
  await clients.secrets.send(create)
  const read = await clients.secrets.send(new GetSecretValueCommand({ SecretId: 'made' }))
  expect(read.SecretBinary).toEqual(new Uint8Array([0, 255]))
  const again = clients.secrets.send(new CreateSecretCommand({ Name: 'made', SecretString: 'x' }))
  expect((await failureOf(again)).name).toBe('ResourceExistsException')
  const none = clients.secrets.send(new GetSecretValueCommand({ SecretId: 'none' }))
  expect((await failureOf(none)).name).toBe('ResourceNotFoundException')
  await clients.secrets.send(
    new DeleteSecretCommand({ SecretId: 'made', ForceDeleteWithoutRecovery: true }),
  )
  const gone = clients.secrets.send(new GetSecretValueCommand({ SecretId: 'made' }))
  expect((await failureOf(gone)).name).toBe('ResourceNotFoundException')
})

/** What the stand-ins refuse because AWS does: found by comparing them with botocore's models. */
import { createHash } from 'node:crypto'
import { CreateThingCommand, DescribeEndpointCommand, IoTClient } from '@aws-sdk/client-iot'
import { PublishCommand as PublishToTopic } from '@aws-sdk/client-iot-data-plane'
import { SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2'
import { CreateCollectionCommand, DeleteFacesCommand } from '@aws-sdk/client-rekognition'
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import { PublishCommand } from '@aws-sdk/client-sns'
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { awsClients, failureOf, settingsFor } from './aws-clients.ts'

let aws: AwsServer
let clients: ReturnType<typeof awsClients>
let iot: IoTClient

beforeAll(async () => {
  aws = await startAws({ buckets: ['photos'], queues: { mails: {} } })
  clients = awsClients(settingsFor(aws.url))
  iot = new IoTClient(settingsFor(aws.url))
})
afterAll(async () => {
  clients.destroy()
  iot.destroy()
  await aws.close()
})

const QueueUrl = () => aws.queueUrl('mails')
const phone = '+15550100'

const refusals: readonly [string, () => Promise<unknown>, string][] = [
  [
    'S3: a key above 1,024 bytes',
    () =>
      clients.s3.send(
        new PutObjectCommand({ Bucket: 'photos', Key: 'k'.repeat(1_025), Body: 'x' }),
      ),
    'KeyTooLongError',
  ],
  [
    'SQS: control characters',
    () =>
      clients.sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody: 'a\u0001' })),
    'InvalidMessageContents',
  ],
  [
    'SQS: a nonsense receipt handle',
    () => clients.sqs.send(new DeleteMessageCommand({ QueueUrl: QueueUrl(), ReceiptHandle: 'no' })),
    'ReceiptHandleIsInvalid',
  ],
  [
    'End User Messaging: a life below five seconds',
    () =>
      clients.smsVoice.send(
        new SendTextMessageCommand({
          ...{ DestinationPhoneNumber: phone, MessageBody: 'x', TimeToLive: 4 },
        }),
      ),
    'ValidationException',
  ],
  [
    'End User Messaging: an unknown type of message',
    () =>
      clients.smsVoice.send(
        new SendTextMessageCommand({
          ...{ DestinationPhoneNumber: phone, MessageBody: 'x' },
          MessageType: 'URGENT' as 'TRANSACTIONAL',
        }),
      ),
    'ValidationException',
  ],
  [
    'SES: a long name of an attachment',
    () =>
      clients.ses.send(
        new SendEmailCommand({
          FromEmailAddress: 'door@example.org',
          Destination: { ToAddresses: ['owner@example.org'] },
          Content: {
            Simple: {
              ...{ Subject: { Data: 'x' }, Body: { Text: { Data: 'x' } } },
              Attachments: [{ RawContent: Buffer.from('x'), FileName: 'x'.repeat(256) }],
            },
          },
        }),
      ),
    'BadRequestException',
  ],
  [
    'Secrets Manager: a short token',
    () =>
      clients.secrets.send(
        new CreateSecretCommand({ Name: 'a', SecretString: 'x', ClientRequestToken: 'short' }),
      ),
    'ValidationException',
  ],
  [
    'IoT: a thing’s name with a space',
    () => iot.send(new CreateThingCommand({ thingName: 'front door' })),
    'InvalidRequestException',
  ],
  [
    'IoT: an endpoint of an unknown type',
    () => iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Other' })),
    'InvalidRequestException',
  ],
  [
    'IoT: a topic with more than seven slashes',
    () => clients.iot.send(new PublishToTopic({ topic: 'a/b/c/d/e/f/g/h/i' })),
    'InvalidRequestException',
  ],
  [
    'Rekognition: to delete no faces',
    async () => {
      const CollectionId = 'none'
      await clients.rekognition.send(new CreateCollectionCommand({ CollectionId }))
      await clients.rekognition.send(new DeleteFacesCommand({ CollectionId, FaceIds: [] }))
    },
    'InvalidParameterException',
  ],
  [
    'SNS: a sender id of more than eleven characters',
    () =>
      clients.sns.send(
        new PublishCommand({
          ...{ PhoneNumber: phone, Message: 'x' },
          MessageAttributes: {
            'AWS.SNS.SMS.SenderID': { DataType: 'String', StringValue: 'MAPLE-STREET' },
          },
        }),
      ),
    'InvalidParameterException',
  ],
]

test.each(refusals)('%s', async (_, asked, name) => {
  expect(await failureOf(asked())).toEqual({ name, status: 400 })
})

describe('throttling has the status of the service’s model', () => {
  test.each([
    ['iotdata', () => clients.iot.send(new PublishToTopic({ topic: 'a' })), 'ThrottlingException'],
    [
      'sns',
      () => clients.sns.send(new PublishCommand({ PhoneNumber: phone, Message: 'x' })),
      'Throttling',
    ],
  ] as const)('of %s', async (service, asked, name) => {
    aws.fault({ service, kind: 'throttle' })
    expect(await failureOf(asked())).toEqual({ name, status: 400 })
    aws.clearFaults()
  })
})

describe('the answers of', () => {
  test('SQS have attributes only when they are asked for, and their hash', async () => {
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'letter' } }
    const sent = await clients.sqs.send(
      new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody: 'x', MessageAttributes }),
    )
    const receive = async (more: object) =>
      (
        await clients.sqs.send(
          new ReceiveMessageCommand({ QueueUrl: QueueUrl(), VisibilityTimeout: 0, ...more }),
        )
      ).Messages?.[0]
    const bare = await receive({})
    expect(bare?.Attributes).toBeUndefined()
    expect(bare?.MessageAttributes).toBeUndefined()
    const full = await receive({ MessageAttributeNames: ['All'], AttributeNames: ['All'] })
    expect(full?.MessageAttributes?.['kind']?.StringValue).toBe('letter')
    expect(full?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes)
    expect(full?.Attributes?.ApproximateReceiveCount).toBe('2')
  })

  test('S3 name the checksum that the client sent, and the encoding of keys', async () => {
    const put = new PutObjectCommand({
      ...{ Bucket: 'photos', Key: 'a b', Body: 'x', ChecksumAlgorithm: 'SHA256' },
    })
    const stored = await clients.s3.send(put)
    expect(stored.ChecksumSHA256).toBe(createHash('sha256').update('x').digest('base64'))
    expect(stored.ChecksumCRC32).toBeUndefined()
    const list = new ListObjectsV2Command({ Bucket: 'photos', EncodingType: 'url' })
    expect(await clients.s3.send(list)).toMatchObject({ EncodingType: 'url' })
  })

  test('Secrets Manager find a secret by an ARN without its last characters', async () => {
    const { ARN = '' } = await clients.secrets.send(
      new CreateSecretCommand({ Name: 'partial', SecretString: 'x' }),
    )
    const SecretId = ARN.slice(0, -7)
    expect((await clients.secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe(
      'x',
    )
  })
})

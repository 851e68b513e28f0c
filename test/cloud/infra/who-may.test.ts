/** What the deployment allows, as AWS would evaluate its policies. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functions, streamFunctions } from '../../../cloud/infra/functions/functions.ts'
import { cloudBodies } from '../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import { synthesized } from '../../../simulation/aws/cloudformation/synthesis.ts'
import type { Deployment } from '../../../simulation/aws/deploy.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { DeniedFor } from '../../../simulation/aws/wire.ts'

const door = 'maple-street_front'
let aws: AwsServer
let deployment: Deployment
let roles: readonly { name: string; denied: DeniedFor }[]

beforeAll(async () => {
  aws = await startAws()
  const load = async () => async () => null
  deployment = await aws.deploy(await synthesized(), { webOrigin: 'http://localhost:4200', load })
  const { iam, stack, assumeRole } = deployment
  roles = Object.keys(functions).map((name) => {
    const { accessKeyId } = assumeRole({ roleArn: stack.attribute(`${name}/Role`, 'Arn') })
    return { name, denied: iam.deniedFor(accessKeyId, '') }
  })
})
afterAll(() => aws.close())

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:eu-central-1:000000000000:${resource}`
const arnOf = (path: string): string => deployment.stack.attribute(path, 'Arn')

/** The functions whose role may do this. */
const who = (action: string, resource: string, context = {}): string[] =>
  roles
    .filter(({ denied }) => denied({ action, resource, context }) === null)
    .map(({ name }) => name)

const serviceMay = (service: string, sourceArn: string, action: string, resource: string) =>
  deployment.iam.refusedService({ service, sourceArn, action, resource }) === null

describe('commands to doors', () => {
  const senders = (type: string) =>
    who('iot:Publish', arn('iot', `topic/${commandTopic(door, type)}`))

  test.each(['unlock', 'lift-pause', 'watch-live', 'new-sheet', 'set-mode', 'settings'] as const)(
    '%s is published by the web function only',
    (type) => {
      expect(senders(type)).toEqual(['web'])
      for (const { may } of Object.values(streamFunctions))
        expect(may).not.toContain(`send-${type}`)
    },
  )

  test.each(Object.keys(cloudBodies))('%s has a sender', (type) => {
    expect(senders(type)).not.toEqual([])
  })

  test('no function may publish in the name of a door', () => {
    expect(who('iot:Publish', arn('iot', `topic/door/v1/${door}/evt/opened`))).toEqual([])
  })
})

describe('the alarm topic', () => {
  const publishes = (service: string, sourceArn: string) =>
    serviceMay(service, sourceArn, 'sns:Publish', deployment.stack.ref('AlarmTopic'))

  test('is reached by every alarm', () => {
    const alarms = deployment.recorded.filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    expect(alarms.length).toBeGreaterThan(5)
    const mute = alarms.filter(
      ({ ref }) => !publishes('cloudwatch.amazonaws.com', arn('cloudwatch', `alarm:${ref}`)),
    )
    expect(mute).toEqual([])
  })

  test('is reached by reports about mail that does not arrive', () => {
    expect(publishes('ses.amazonaws.com', arn('ses', 'configuration-set/smart-door'))).toBe(true)
  })

  test('is reached by nothing else', () => {
    expect(publishes('s3.amazonaws.com', arnOf('Photos'))).toBe(false)
    expect(publishes('cloudwatch.amazonaws.com', arnOf('Photos'))).toBe(false)
    expect(who('sns:Publish', deployment.stack.ref('AlarmTopic'))).toEqual([])
  })
})

describe('photos', () => {
  const listers = (prefix?: string) =>
    who('s3:ListBucket', arnOf('Photos'), prefix === undefined ? {} : { 's3:prefix': prefix })

  test('are listed only by what is before their names', () => {
    expect(listers()).toEqual([])
    expect(listers('')).toEqual([])
    expect(listers('raw/maple/1.jpg')).toEqual(['photo-uploaded'])
    expect(listers('visitors/maple/1/')).toEqual(['web', 'visitor-changed', 'housekeeping'])
  })

  test('are put where they are expected, and only there', () => {
    const putters = (key: string) => who('s3:PutObject', `${arnOf('Photos')}/${key}`)
    expect(putters('snapshots/maple/1.jpg')).toEqual([])
    expect(putters('visitors/maple/1.jpg')).toEqual(['web'])
    expect(putters('processed/maple/1.jpg')).toEqual(['photo-uploaded'])
  })
})

test('collections are created where AWS has no resource to name', () => {
  expect(who('rekognition:CreateCollection', '*')).toEqual(['web', 'visitor-changed'])
})

test('queues take notifications of the bucket of photos only', () => {
  const takes = (queue: string, bucket: string) =>
    serviceMay('s3.amazonaws.com', bucket, 'sqs:SendMessage', arnOf(queue))
  for (const queue of ['Queues/Snapshots', 'Queues/Uploads']) {
    expect(takes(queue, arnOf('Photos'))).toBe(true)
    expect(takes(queue, 'arn:aws:s3:::other')).toBe(false)
  }
  expect(takes('Queues/CheckGrant', arnOf('Photos'))).toBe(false)
})

test('queues are emptied only by the functions that they trigger', () => {
  const receivers = ['Snapshots', 'Uploads', 'CheckGrant', 'SettleVisit'].map((queue) =>
    who('sqs:ReceiveMessage', arnOf(`Queues/${queue}`)),
  )
  const triggered = ['recognise-snapshot', 'photo-uploaded', 'check-grant', 'settle-visit']
  expect(receivers).toEqual(triggered.map((name) => [name]))
})

test('accounts are invited and removed by the web function only, in the pool of members', () => {
  const pool = arnOf('Members/Pool')
  const other = pool.replace(/[^/]+$/, 'eu-central-1_other')
  for (const call of ['AdminCreateUser', 'AdminDeleteUser', 'AdminUserGlobalSignOut']) {
    expect(who(`cognito-idp:${call}`, pool)).toEqual(['web'])
    expect(who(`cognito-idp:${call}`, other)).toEqual([])
  }
  for (const call of ['AdminSetUserPassword', 'AdminUpdateUserAttributes', 'ListUsers']) {
    expect(who(`cognito-idp:${call}`, pool)).toEqual([])
  }
})

test('the key of notices is read by those who send them, and by nothing else', () => {
  const readers = who('secretsmanager:GetSecretValue', deployment.stack.ref('NoticeKey'))
  const visits = ['recognise-snapshot', 'settle-visit', 'from-door', 'check-grant']
  const senders = [...visits, 'fetch-calendars', 'web']
  expect(readers.toSorted()).toEqual(senders.toSorted())
})

/** What the synthesized deployment allows, as AWS's policies are evaluated. */
import { beforeAll, describe, expect, test } from 'vitest'
import { functions, streamFunctions } from '../../../cloud/infra/functions/functions.ts'
import { cloudBodies } from '../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import { arn, type DeployedPolicies, deployedPolicies } from './deployed-policies.ts'
import { resourcesOf, streamProcessor, templateOf } from './deployment.ts'

let deployed: DeployedPolicies
let alarms: readonly string[]
const names = [...Object.keys(functions), ...Object.keys(streamFunctions)]

beforeAll(() => {
  const template = templateOf(streamProcessor)
  deployed = deployedPolicies(template)
  alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ id }) => id)
})

/** The functions whose role may do this. */
const who = (action: string, resource: string, context = {}): string[] =>
  names.filter(
    (name) =>
      deployed.refusedRole(deployed.functionNamed(name), { action, resource, context }) === null,
  )

describe('commands to doors', () => {
  const senders = (type: string) =>
    who('iot:Publish', arn('iot', `topic/${commandTopic('maple-street_front', type)}`))

  test.each(['unlock', 'lift-pause', 'watch-live', 'settings'])(
    '%s is published by the web function only',
    (type) => expect(senders(type)).toEqual(['web']),
  )

  test.each(Object.keys(cloudBodies))('%s has a sender', (type) => {
    expect(senders(type)).not.toEqual([])
  })

  test('no function may publish in the name of a door', () => {
    expect(who('iot:Publish', arn('iot', 'topic/door/v1/maple-street_front/evt/opened'))).toEqual(
      [],
    )
  })
})

test('every alarm may publish to the alarm topic', () => {
  expect(alarms.length).toBeGreaterThan(5)
  const refusals = alarms.map((id) =>
    deployed.refusedService({
      service: 'cloudwatch.amazonaws.com',
      action: 'sns:Publish',
      resource: deployed.arnOf('AlarmTopic'),
      sourceArn: arn('cloudwatch', `alarm:${id}`),
    }),
  )
  expect(refusals).toEqual(alarms.map(() => null))
})

test('mail that does not arrive is reported to the alarm topic', () => {
  const refusal = deployed.refusedService({
    service: 'ses.amazonaws.com',
    action: 'sns:Publish',
    resource: deployed.arnOf('AlarmTopic'),
    sourceArn: arn('ses', 'configuration-set/smart-door'),
  })
  expect(refusal).toBe(null)
})

test('nothing else may publish to the alarm topic', () => {
  const resource = deployed.arnOf('AlarmTopic')
  const publish = { action: 'sns:Publish', resource, sourceArn: 'arn:aws:s3:::photos' }
  for (const service of ['s3.amazonaws.com', 'cloudwatch.amazonaws.com']) {
    expect(deployed.refusedService({ ...publish, service })).not.toBe(null)
  }
  expect(who('sns:Publish', resource)).toEqual([])
})

describe('photos', () => {
  const listers = (prefix?: string) =>
    who(
      's3:ListBucket',
      deployed.arnOf('Photos'),
      prefix === undefined ? {} : { 's3:prefix': prefix },
    )

  test('are listed only by what is before their names', () => {
    expect(listers()).toEqual([])
    expect(listers('')).toEqual([])
    expect(listers('raw/maple/1.jpg')).toEqual(['photo-uploaded'])
    expect(listers('visitors/maple/1/')).toEqual(['web', 'visitor-changed', 'housekeeping'])
  })

  test('are put where they are expected, and only there', () => {
    const photo = (key: string) => `${deployed.arnOf('Photos')}/${key}`
    expect(who('s3:PutObject', photo('snapshots/maple/1.jpg'))).toEqual([])
    expect(who('s3:PutObject', photo('visitors/maple/1.jpg'))).toEqual(['web'])
    expect(who('s3:PutObject', photo('processed/maple/1.jpg'))).toEqual(['photo-uploaded'])
  })
})

test('collections are created where AWS has no resource to name', () => {
  expect(who('rekognition:CreateCollection', '*')).toEqual(['web', 'visitor-changed'])
})

describe('queues', () => {
  const queued = (queue: string, service: string, sourceArn: string) =>
    deployed.refusedService({
      ...{ service, sourceArn, action: 'sqs:SendMessage' },
      resource: deployed.arnOf(queue),
    })

  test('take notifications of the bucket of photos only', () => {
    for (const queue of ['QueuesSnapshots', 'QueuesUploads']) {
      expect(queued(queue, 's3.amazonaws.com', deployed.arnOf('Photos'))).toBe(null)
      expect(queued(queue, 's3.amazonaws.com', 'arn:aws:s3:::other')).not.toBe(null)
    }
    const bucket = deployed.arnOf('Photos')
    expect(queued('QueuesCheckGrant', 's3.amazonaws.com', bucket)).not.toBe(null)
  })

  test('are emptied by the functions that they trigger', () => {
    const receivers = Object.fromEntries(
      ['Snapshots', 'Uploads', 'CheckGrant', 'SettleVisit'].map((queue) => [
        queue,
        who('sqs:ReceiveMessage', deployed.arnOf(`Queues${queue}`)),
      ]),
    )
    expect(receivers).toEqual({
      Snapshots: ['recognise-snapshot'],
      Uploads: ['photo-uploaded'],
      CheckGrant: ['check-grant'],
      SettleVisit: ['settle-visit'],
    })
  })
})

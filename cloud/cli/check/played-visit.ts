/**
 * Plays a visit against the deployed stack: a message of a door, and a snapshot. The door belongs to no
 * household, so no person is notified, and all traces are deleted afterwards.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { IoT } from '@aws-sdk/client-iot'
import { IoTDataPlane } from '@aws-sdk/client-iot-data-plane'
import { S3 } from '@aws-sdk/client-s3'
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'
import { protocolVersion } from '../../../protocol/messages/shared.ts'
import { eventTopic } from '../../../protocol/topics.ts'
import { clientOptions, deployment, type Outputs } from '../deployment.ts'
import { householdData } from '../household-data.ts'
import { type Finding, good, problem } from './finding.ts'

const id = (): string => randomBytes(16).toString('hex')

interface Played {
  readonly outputs: Outputs
  readonly doorId: string
  readonly visitId: string
  readonly patienceMs: number
}

export async function playVisit(patienceMs: number): Promise<readonly Finding[]> {
  const { outputs, photos } = await deployment()
  const household = `check-${randomBytes(6).toString('hex')}`
  const played = { outputs, doorId: `${household}_front`, visitId: id(), patienceMs }
  try {
    await Promise.all([introduceDoor(played), uploadSnapshot(played)])
    return await Promise.all([findPages(outputs), findIntroduction(played), findSnapshot(played)])
  } finally {
    await householdData(outputs, photos).remove(household)
  }
}

// ---------------------------------------------------------------- what is played

async function introduceDoor({ doorId }: Played): Promise<void> {
  const { endpointAddress } = await new IoT(clientOptions()).describeEndpoint({
    endpointType: 'iot:Data-ATS',
  })
  const client = new IoTDataPlane({ endpoint: `https://${endpointAddress}`, ...clientOptions() })
  const envelope = { v: protocolVersion, id: id(), doorId, seq: 1, atMs: Date.now() }
  const body = { type: 'door-introduced', protocol: protocolVersion, software: 'check' }
  const chain = { timeKnown: true, prev: '0'.repeat(64), capabilities: [] }
  await client.publish({
    topic: eventTopic(doorId, 'door-introduced'),
    payload: Buffer.from(JSON.stringify({ ...envelope, ...body, ...chain })),
  })
}

/** So small that Rekognition refuses to search it, which the visit then says. */
const tinyJpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI//////////////////////////////////////////////////8BVVpaeGl464KC6//////////////////////////////////////////////////////////////////////////AABEIABAAEAMBEQACEQEDEQH/xAGiAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+gEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoLEQACAQIEBAMEBwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2dri4+Tl5ufo6ery8/T19vf4+fr/2gAMAwEAAhEDEQA/ACgAoAKACgD/AP/Z',
  'base64',
)

async function uploadSnapshot({ outputs, doorId, visitId }: Played): Promise<void> {
  await new S3({ ...clientOptions(), forcePathStyle: true }).putObject({
    Bucket: outputs.PhotosBucket,
    Key: `snapshots/${doorId}/${visitId}/${Date.now()}.jpg`,
    Body: tinyJpeg,
    ContentType: 'image/jpeg',
    Metadata: { 'visit-number': '1' },
  })
}

// ---------------------------------------------------------------- what became of it

async function findPages({ WebOrigin }: Outputs): Promise<Finding> {
  const statuses = await Promise.all(
    ['/', '/v1/doors'].map(async (path) => (await fetch(`${WebOrigin}${path}`)).status),
  )
  // The API refuses those who are not signed in.
  if (statuses.join() === '200,401') return good('The pages and the API answer.')
  return problem(
    `The pages answer ${statuses[0]} and the API ${statuses[1]}, instead of 200 and 401.`,
    'Look at the log of the function web in CloudWatch.',
  )
}

const findIntroduction = async (played: Played): Promise<Finding> =>
  (await appears(played, 'introduction'))
    ? good('Messages of doors reach the cloud.')
    : problem(
        'A message of a door did not reach the table of visits.',
        'Look at the log of the function from-door in CloudWatch, and at the queue EventsDead in SQS.',
      )

const findSnapshot = async (played: Played): Promise<Finding> =>
  (await appears(played, `visit#${played.visitId}`))
    ? good('Snapshots of visitors are examined.')
    : problem(
        'A snapshot did not reach the table of visits.',
        'Look at the log of the function recognise-snapshot in CloudWatch, and at the queue MessagesDead in SQS.',
      )

const pauseMs = 250

/** In the table of visits, under the key of the door. */
async function appears({ outputs, doorId, patienceMs }: Played, sk: string): Promise<boolean> {
  const client = DynamoDBDocument.from(new DynamoDB(clientOptions()))
  const Key = { pk: `door#${doorId}`, sk }
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += pauseMs) {
    const { Item } = await client.get({
      ...{ TableName: outputs.VisitsTable, Key, ConsistentRead: true },
    })
    if (Item) return true
    await sleep(pauseMs)
  }
  return false
}

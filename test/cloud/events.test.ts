/** Every event as AWS writes it, driven through the real function that it calls. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { wire } from '../../cloud/aws/wiring.ts'
import type { Visitor } from '../../cloud/visitors/core/visitor.ts'
import { person } from '../../simulation/scenes/drawn-faces.ts'
import { type CloudHome, cloudHome, doorId, household } from '../support/cloud/cloud-home.ts'
import { snapshots } from '../support/drawn-snapshots.ts'
import { encoded, getMediaBytes, type MediaServer, startMediaServer } from './aws/get-media.ts'

const folder = join(import.meta.dirname, '../fixtures/aws-events')
const object = z.record(z.string(), z.unknown())
const fixture = (name: string) =>
  z.parse(object, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')))

const visitId = '0123456789abcdef0123456789abcdef'
const happenedAtMs = 1_790_000_000_000
const robin = person('robin')
const visit = { household, doorId, visitId }

let homes: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const home of homes) await home.close()
  homes = []
})

/** At the time of the events. */
async function newHome(options: Parameters<typeof cloudHome>[0] = {}): Promise<CloudHome> {
  const home = await cloudHome(options)
  homes.push(home)
  home.clock.advance(happenedAtMs + 1_500 - home.clock.nowMs())
  return home
}

const records = z.object({ Records: z.tuple([object]) })

/** A queue's event with one message for each body. */
function sqsEvent(bodies: readonly unknown[]) {
  const [record] = z.parse(records, fixture('sqs')).Records
  return {
    Records: bodies.map((body, nth) => ({
      ...record,
      messageId: `message-${nth}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  }
}

const onFile: Visitor = {
  ...{ household, visitorId: visitId, revision: 0, name: 'Kim Lake', language: 'en' },
  contact: { prefers: 'sms', phone: '+15550100', email: null },
  ...{ photo: null, remembersFace: false, faceIds: [], createdAtMs: 1 },
  ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
}

// ---------------------------------------------------------------- S3, by a queue

describe('an S3 event in a queue’s message', () => {
  const key = `snapshots/${doorId}/${visitId}/${happenedAtMs}.jpg`

  test('is a snapshot, and opens the visit', async () => {
    const home = await newHome()
    home.upload(key, snapshots.front(robin), 7)
    const event = sqsEvent([fixture('s3-object-created')])
    expect(await home.invoke('recognise-snapshot', event)).toEqual({ batchItemFailures: [] })
    expect((await home.deps.visits.find(visit))?.strangers).toHaveLength(1)
  })

  test('that only tests the line is nothing', async () => {
    const home = await newHome()
    const event = sqsEvent([fixture('s3-test-event')])
    expect(await home.invoke('recognise-snapshot', event)).toEqual({ batchItemFailures: [] })
  })

  test('that is malformed is retried alone', async () => {
    const home = await newHome()
    home.upload(key, snapshots.front(robin), 7)
    const event = sqsEvent(['{', { Records: [{}] }, fixture('s3-object-created'), '"%"'])
    expect(await home.invoke('recognise-snapshot', event)).toEqual({
      batchItemFailures: [0, 1, 3].map((nth) => ({ itemIdentifier: `message-${nth}` })),
    })
    expect((await home.deps.visits.find(visit))?.strangers).toHaveLength(1)
  })
})

// ---------------------------------------------------------------- Kinesis

const frames = Array.from({ length: 20 }, (_, nth) =>
  snapshots.front(robin, 1 + Math.floor(nth / 4)),
)
const fragmentNumber = '91343852333289682796718532614445757584843717598'
let media: Buffer
beforeAll(() => {
  const { header, clusters } = encoded(frames)
  const said = { VISIT_ID: visitId, VISIT_NUMBER: '7' }
  const numbers = [fragmentNumber, fragmentNumber.replace(/8$/, '9')]
  media = getMediaBytes(
    header,
    clusters.map((cluster, nth) => ({ number: numbers[nth] ?? '', cluster, said })),
  )
})

const matched = z.object({
  InputInformation: z.object({ KinesisVideo: object }),
  FaceSearchResponse: z.array(
    z.object({ DetectedFace: object, MatchedFaces: z.array(z.unknown()) }),
  ),
})

interface Seen {
  readonly atSeconds?: number
  /** Whom the collection says it is. */
  readonly name?: string | null
  readonly response?: unknown
  readonly fragment?: string
}

describe('records of a stream processor', () => {
  async function video(answer: Parameters<typeof startMediaServer>[0] = () => ({ bytes: media })) {
    const server: MediaServer = await startMediaServer(answer, 60_000)
    homes.push(server)
    const environment = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: server.url,
    }
    const { makeHandler } = await import('../../cloud/functions/sighting-from-stream.ts')
    const home = await newHome({
      between: (deps) => ({ ...deps, frames: wire(['frames'], environment, deps).frames }),
    })
    const [found] = (await home.deps.faces.find(frames[2] ?? new Uint8Array())) ?? []
    const box = found?.box ?? { left: 0, top: 0, width: 1, height: 1 }
    const BoundingBox = { Left: box.left, Top: box.top, Width: box.width, Height: box.height }
    const record = ({
      atSeconds = 0.2,
      name = null,
      response,
      fragment = fragmentNumber,
    }: Seen) => {
      const { InputInformation, FaceSearchResponse } = z.parse(
        matched,
        fixture('rekognition-face-search'),
      )
      const [face] = FaceSearchResponse
      const match = { Similarity: 99.6, Face: { ExternalImageId: name } }
      const MatchedFaces = name === null ? [] : [match]
      const here = { FragmentNumber: fragment, FrameOffsetInSeconds: atSeconds }
      return {
        InputInformation: { KinesisVideo: { ...InputInformation.KinesisVideo, ...here } },
        FaceSearchResponse:
          response === undefined
            ? [{ DetectedFace: { ...face?.DetectedFace, BoundingBox }, MatchedFaces }]
            : response,
      }
    }
    const [line] = z.parse(records, fixture('kinesis')).Records
    const take = async (data: readonly unknown[]) =>
      makeHandler(home.deps)({
        Records: data.map((one, nth) => {
          const text = typeof one === 'string' ? one : JSON.stringify(one)
          const bytes = Buffer.from(text).toString('base64')
          const kinesis = {
            ...z.parse(object, line['kinesis']),
            sequenceNumber: `${nth}`,
            data: bytes,
          }
          return { ...line, kinesis }
        }),
      })
    return { home, server, record, take }
  }

  test('with an unknown face in two frames ask the owner, with the photo', async () => {
    const { home, record, take } = await video()
    const two = [record({ atSeconds: 0.2 }), record({ atSeconds: 0.5333 })]
    expect(await take(two)).toEqual({ batchItemFailures: [] })
    // The same records again, as a shard does after any fault.
    expect(await take(two)).toEqual({ batchItemFailures: [] })
    await home.settled()
    expect(home.aws.mailbox).toHaveLength(1)
    expect(home.aws.mailbox[0]?.attachments).toHaveLength(1)
    expect(home.aws.mailbox[0]?.subject).toContain('7')
    const seen = await home.deps.visits.find(visit)
    expect(seen?.strangers[0]?.snapshots).toHaveLength(2)
    const face = await home.deps.photos.read(seen?.strangers[0]?.face.key ?? '')
    expect(
      await home.deps.faces.compare(face?.bytes ?? new Uint8Array(), snapshots.front(robin, 9)),
    ).toBeGreaterThan(90)
  })

  test('with a visitor on file in two frames send one code', async () => {
    const { home, record, take } = await video()
    await home.deps.visitors.put(onFile)
    const name = `visitor-${onFile.visitorId}`
    await take([record({ name }), record({ name, atSeconds: 0.6 })])
    await home.settled()
    expect(home.aws.texts).toHaveLength(1)
    expect(home.aws.mailbox).toEqual([])
  })

  test('with several faces give one stranger for each', async () => {
    const { home, record, take } = await video()
    await home.deps.visitors.put(onFile)
    const facesIn = (seen: Seen) => z.parse(z.array(object), record(seen).FaceSearchResponse)
    const [known] = facesIn({ name: `visitor-${onFile.visitorId}` })
    const [stranger] = facesIn({})
    await take([record({ response: [known, stranger] })])
    const seen = await home.deps.visits.find(visit)
    expect(Object.keys(seen?.matches ?? {})).toEqual([onFile.visitorId])
    expect(seen?.strangers).toHaveLength(1)
  })

  test('without a face cost nothing, not even a look at the video', async () => {
    const { server, record, take } = await video()
    const none = [null, []].map((response) => record({ response }))
    expect(await take(none)).toEqual({ batchItemFailures: [] })
    expect(server.asked).toEqual([])
  })

  test('that are malformed do not block the others', async () => {
    const { home, record, take } = await video()
    const wrong = [
      'no JSON',
      '',
      {},
      record({ atSeconds: -1 }),
      record({ fragment: '17e3' }),
      record({ response: [{}] }),
      { ...record({}), InputInformation: null },
      record({ fragment: '17' }),
    ]
    const good = [record({}), record({ atSeconds: 0.5 })]
    expect(await take([...wrong, ...good])).toEqual({ batchItemFailures: [] })
    await home.settled()
    expect(home.aws.mailbox).toHaveLength(1)
  })

  test('are tried again from the first that met a fault, and those behind it are done at once', async () => {
    let calls = 0
    const { home, record, take } = await video(() => {
      calls += 1
      return calls <= 3 ? { status: 500, code: 'InternalFailure' } : { bytes: media }
    })
    const all = [
      record({ response: null }),
      record({}),
      record({ atSeconds: 0.4 }),
      record({ atSeconds: 0.6 }),
    ]
    expect(await take(all)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] })
    await home.settled()
    expect(home.aws.mailbox).toHaveLength(1)
  })
})

// ---------------------------------------------------------------- the others

test('a rule of IoT hands over what the door said', async () => {
  const home = await newHome()
  await home.invoke('from-door', fixture('iot-rule'))
  expect(await home.deps.visits.find(visit)).toMatchObject({ endedAtMs: happenedAtMs })
})

test('API Gateway’s request is answered in its own form, if it came through CloudFront', async () => {
  const home = await newHome()
  const request = fixture('api-gateway-v2')
  const answer = await home.invoke('web', request)
  expect(answer).toMatchObject({ statusCode: 403, body: expect.any(String) })
  const headers = { ...Object(request).headers, ...home.front }
  const passedOn = await home.invoke('web', { ...Object(request), headers })
  expect(passedOn).toMatchObject({ statusCode: 401, body: expect.any(String) })
})

test('a change of a visitor reaches every door, from a table’s stream', async () => {
  const home = await newHome()
  expect(await home.invoke('visitor-changed', fixture('dynamodb-stream'))).toEqual({
    batchItemFailures: [],
  })
  expect(home.told.map(({ body }) => body)).toMatchObject([
    { type: 'visitor-changed', visitorId: visitId, name: 'Kim Rivers' },
  ])
})

test('a person who confirms their account becomes a member, and Cognito gets its event back', async () => {
  const home = await newHome()
  const { makeHandler } = await import('../../cloud/functions/first-login.ts')
  const event = fixture('cognito-post-confirmation')
  expect(await makeHandler(home.deps)(event)).toEqual(event)
  const memberId = '11cd3370-a7b3-4b5e-9f0e-0f0a52f0f5e1'
  expect(await home.deps.households.member(household, memberId)).toMatchObject({ role: 'member' })
})

test.each([
  ['unverified', { email_verified: 'false' }],
  ['not spoken of', { email_verified: undefined }],
])('a person whose address is %s does not become a member', async (_, changes) => {
  const home = await newHome()
  const { makeHandler } = await import('../../cloud/functions/first-login.ts')
  const request = z.parse(object, fixture('cognito-post-confirmation')['request'])
  const attributes = z.parse(object, request['userAttributes'])
  const mallory = { ...attributes, sub: 'mallory', email: 'OWNER@example.org', ...changes }
  const event = { request: { userAttributes: mallory } }
  expect(await makeHandler(home.deps)(event)).toEqual(event)
  expect(await home.deps.households.member(household, 'mallory')).toBeNull()
})

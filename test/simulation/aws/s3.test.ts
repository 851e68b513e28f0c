import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { S3Event } from '../../../simulation/aws/s3/objects.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { awsClients, failureOf, settingsFor } from './aws-clients.ts'

const Bucket = 'photos'
const events: S3Event[] = []
let aws: AwsServer
let clients: ReturnType<typeof awsClients>

beforeAll(async () => {
  aws = await startAws({
    buckets: [Bucket],
    nowMs: () => Date.UTC(2026, 0, 2),
    onObjectCreated: (event) => void events.push(event),
  })
  clients = awsClients(settingsFor(aws.url))
})
afterAll(async () => {
  clients.destroy()
  await aws.close()
})

const noise = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, n) => (n * 31) % 251))
const put = (Key: string, Body: Buffer | string = 'x') =>
  clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }))
/** Read to its end: a connection with half an answer in it cannot be reused. */
async function get(Key: string) {
  const answer = await clients.s3.send(new GetObjectCommand({ Bucket, Key }))
  return { ...answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) }
}
const bytesOf = async (Key: string) => (await get(Key)).bytes

test('An object is returned as it was put, with its metadata and content type', async () => {
  const Body = noise(5000)
  const Metadata = { 'visit-number': '7', taken: 'today' }
  const Key = 'snapshots/maple-street_front/a b+c&ü.jpg'
  const ContentType = 'image/jpeg'
  const written = await clients.s3.send(
    new PutObjectCommand({ Bucket, Key, Body, ContentType, Metadata, CacheControl: 'no-store' }),
  )
  const read = await get(Key)

  expect(read.bytes).toEqual(Body)
  expect(read).toMatchObject({
    ContentType,
    Metadata,
    CacheControl: 'no-store',
    ContentLength: 5000,
  })
  expect(read.ETag).toBe(written.ETag)
  expect(read.LastModified).toEqual(new Date(Date.UTC(2026, 0, 2)))
  const head = await clients.s3.send(new HeadObjectCommand({ Bucket, Key }))
  expect(head).toMatchObject({ ContentType, Metadata, ContentLength: 5000 })
})

test('A streamed body is stored without its framing', async () => {
  const content = noise(200_000)
  const Body = Readable.from([content.subarray(0, 70_000), content.subarray(70_000)])
  await clients.s3.send(
    new PutObjectCommand({ Bucket, Key: 'streamed', Body, ContentLength: content.length }),
  )
  expect(await bytesOf('streamed')).toEqual(content)
  expect((await get('streamed')).ContentEncoding).toBeUndefined()
})

test.each(['CRC32', 'SHA1', 'SHA256'] as const)(
  'A body with a %s is checked by it',
  async (sum) => {
    const content = noise(90_000)
    const streamed = new PutObjectCommand({
      ...{ Bucket, Key: `sum-${sum}`, Body: Readable.from([content]) },
      ...{ ContentLength: content.length, ChecksumAlgorithm: sum },
    })
    await clients.s3.send(streamed)
    expect(await bytesOf(`sum-${sum}`)).toEqual(content)
    const wrong = { [`Checksum${sum}`]: 'AAAAAA==' }
    const refused = clients.s3.send(
      new PutObjectCommand({ Bucket, Key: 'never', Body: 'x', ...wrong }),
    )
    expect(await failureOf(refused)).toEqual({ name: 'BadDigest', status: 400 })
    expect(aws.bucket(Bucket).get('never')).toBeNull()
  },
)

test('A missing object or bucket is refused', async () => {
  expect(await failureOf(get('nothing'))).toEqual({ name: 'NoSuchKey', status: 404 })
  const head = clients.s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }))
  expect(await failureOf(head)).toEqual({ name: 'NotFound', status: 404 })
  const other = clients.s3.send(new PutObjectCommand({ Bucket: 'other', Key: 'a', Body: 'x' }))
  expect(await failureOf(other)).toEqual({ name: 'NoSuchBucket', status: 404 })
})

test('Only the first of many writers with If-None-Match succeeds', async () => {
  const writers = Array.from({ length: 8 }, (_, n) =>
    clients.s3
      .send(new PutObjectCommand({ Bucket, Key: 'once', Body: `writer ${n}`, IfNoneMatch: '*' }))
      .then(
        () => 'first',
        (error: Error) => error.name,
      ),
  )
  const said = await Promise.all(writers)
  expect(said.filter((one) => one === 'first')).toHaveLength(1)
  expect(said.filter((one) => one === 'PreconditionFailed')).toHaveLength(7)
})

test('Objects are deleted one at a time and many at once, including missing ones', async () => {
  for (const key of ['gone/1', 'gone/<2>&', 'gone/3']) await put(key)
  await clients.s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone/1' }))
  const Objects = [{ Key: 'gone/<2>&' }, { Key: 'gone/never' }]
  const answer = await clients.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  expect(answer.Deleted).toEqual(Objects)
  expect(answer.Errors).toBeUndefined()
  expect(
    aws
      .bucket(Bucket)
      .list('gone/')
      .map(({ key }) => key),
  ).toEqual(['gone/3'])
})

test('Each new object causes the event that S3 sends to Lambda, with a form-encoded key', async () => {
  events.length = 0
  await put('raw/maple street/ü.jpg', 'new')
  expect(events).toHaveLength(1)
  expect(events[0]?.Records).toMatchObject([
    {
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-01-02T00:00:00.000Z',
      s3: { bucket: { name: Bucket }, object: { key: 'raw/maple+street/%C3%BC.jpg', size: 3 } },
    },
  ])
})

test('Unknown operations and headers are refused', async () => {
  await put('known')
  const tags = clients.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'known' }))
  expect(await failureOf(tags)).toEqual({ name: 'NotImplemented', status: 501 })
  const made = clients.s3.send(new CreateBucketCommand({ Bucket: 'made' }))
  expect(await failureOf(made)).toEqual({ name: 'NotImplemented', status: 501 })
  const put2 = new PutObjectCommand({ Bucket, Key: 'never', Body: 'x', Tagging: 'a=b' })
  expect(await failureOf(clients.s3.send(put2))).toEqual({ name: 'NotImplemented', status: 501 })
  expect(aws.bucket(Bucket).get('never')).toBeNull()
})

/** Snapshot uploads to the stand-in for S3, which checks every signature. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type S3UploadsDeps, s3Uploads } from '../../../device/camera/snapshots/s3.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'

const bucket = 'pictures-of-the-door'
const snapshot = {
  key: `snapshots/maple-street_front/${'ab'.repeat(16)}/1780000000000.jpg`,
  jpeg: new Uint8Array(40_000).fill(7),
  visitNumber: 12,
}
const good = { accessKeyId: 'test', secretAccessKey: 'test', expiresAtMs: 9e15 }
const old = { ...good, accessKeyId: 'of-the-hour-before' }

let standIn: AwsServer
let asked: boolean[]

const uploads = (changed: Partial<S3UploadsDeps> = {}) =>
  s3Uploads({
    region: standIn.region,
    bucket,
    endpoint: standIn.url,
    credentials: async (renew) => {
      asked.push(renew)
      return good
    },
    clock: systemClock({ source: 'host' }),
    ...changed,
  })

beforeEach(async () => {
  asked = []
  standIn = await startAws({ buckets: [bucket] })
})
afterEach(() => standIn.close())

const stored = () => standIn.bucket(bucket).get(snapshot.key)

test('a snapshot is stored with its type and the number of its visit', async () => {
  await uploads().put(snapshot)
  expect(stored()).toMatchObject({
    contentType: 'image/jpeg',
    metadata: { 'visit-number': '12' },
  })
  expect(Buffer.from(stored()?.bytes ?? []).equals(snapshot.jpeg)).toBe(true)
  expect(asked).toEqual([false])
})

test('temporary credentials send their token, signed', async () => {
  const hourly = { ...good, sessionToken: 'FwoGZXIvYXdz//////////wEaD+a/b=' }
  await uploads({ credentials: async () => hourly }).put(snapshot)
  expect(stored()).not.toBeNull()
})

test('refused credentials are renewed once, and the snapshot is uploaded', async () => {
  const credentials = async (renew: boolean) => {
    asked.push(renew)
    return renew ? good : old
  }
  await uploads({ credentials }).put(snapshot)
  expect(asked).toEqual([false, true])
  expect(stored()).not.toBeNull()
})

test('credentials that are refused again are a fault', async () => {
  const credentials = async (renew: boolean) => {
    asked.push(renew)
    return old
  }
  await expect(uploads({ credentials }).put(snapshot)).rejects.toMatchObject({
    status: 403,
    code: 'InvalidAccessKeyId',
  })
  expect(asked).toEqual([false, true])
})

test('only the error code of an answer is repeated', async () => {
  const answer = await uploads({ bucket: 'another-bucket' })
    .put(snapshot)
    .catch((fault: Error) => fault.message)
  expect(answer).toBe('S3 refused a snapshot: 404 NoSuchBucket')
})

test.each([
  ['an error', { kind: 'error', status: 500 }],
  ['too much', { kind: 'throttle' }],
  ['a cut line', { kind: 'reset' }],
] as const)('%s is a fault, and the next attempt succeeds', async (_, fault) => {
  const met = standIn.fault({ service: 's3', operation: 'PutObject', nth: 1, ...fault })
  const one = uploads()
  await expect(one.put(snapshot)).rejects.toThrow()
  await one.put(snapshot)
  expect(met.met()).toBe(1)
  expect(stored()).not.toBeNull()
})

test('waiting for an answer is limited', async () => {
  standIn.fault({ service: 's3', kind: 'timeout' })
  const startedAt = performance.now()
  await expect(uploads({ putWithinMs: 200 }).put(snapshot)).rejects.toThrow()
  expect(performance.now() - startedAt).toBeLessThan(30_000)
})

test('without credentials nothing is sent', async () => {
  const credentials = () => Promise.reject(new Error('no credentials'))
  await expect(uploads({ credentials }).put(snapshot)).rejects.toThrow('no credentials')
  expect(standIn.calls).toEqual([])
})

test('a refused connection is a fault', async () => {
  await expect(uploads({ endpoint: 'http://127.0.0.1:9' }).put(snapshot)).rejects.toThrow()
})

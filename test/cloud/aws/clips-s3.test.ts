import { afterAll, beforeAll, expect, test } from 'vitest'
import { clipsS3 } from '../../../cloud/aws/s3/clips.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { clipsContract } from '../../contracts/cloud/clips.ts'
import { clientSettings } from '../../support/network/scripted-service.ts'

const bucket = 'photos'
const nowMs = Date.now()
const clock = { nowMs: () => nowMs }

let standIn: AwsServer
beforeAll(async () => {
  standIn = await startAws({ buckets: [bucket] })
})
afterAll(() => standIn.close())

const clipsWith = (settings: object = {}) =>
  clipsS3({ ...clientSettings(standIn.url), ...settings }, bucket, clock)

clipsContract(() => ({ clips: clipsWith(), nowMs: clock.nowMs }))

const clip = { key: 'clips/a_b/1.mp4', mp4: Buffer.from('ftyp'), fileName: 'clip.mp4' }

test('a function’s session goes with the address, as AWS asks of keys for a while', async () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: 'of+a/role=' }
  const { url } = await clipsWith({ credentials }).put(clip)
  expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('of+a/role=')
  expect((await fetch(url)).status).toBe(200)
})

test('in AWS the bucket is a host of its own, reached by TLS', async () => {
  const requestHandler = { handle: async () => ({ response: { statusCode: 200, headers: {} } }) }
  const { url } = await clipsWith({ endpoint: undefined, requestHandler }).put(clip)
  expect(url).toMatch(/^https:\/\/photos\.s3\.eu-central-1\.amazonaws\.com\/clips\/a_b\/1\.mp4\?/)
})

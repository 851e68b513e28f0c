import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mediaEndpoints } from '../../../cloud/aws/kinesis-video/endpoint.ts'
import {
  type RecordingsDeps,
  recordingsKinesisVideo,
} from '../../../cloud/aws/kinesis-video/recordings.ts'
import type { Recordings } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { recordingsContract } from '../../contracts/cloud/recordings.ts'
import { storeRecording } from '../../support/video/stored-recording.ts'

const streamName = 'maple-street_front'
const nowMs = Date.now()
const clock = { nowMs: () => nowMs }

let standIn: AwsServer
let client: KinesisVideoClient
beforeAll(async () => {
  standIn = await startAws({ videoStreams: [streamName], nowMs: clock.nowMs })
  client = clientWith('test')
})
afterAll(() => standIn.close())

const clientWith = (secretAccessKey: string) =>
  new KinesisVideoClient({
    ...{ endpoint: standIn.url, region: standIn.region },
    credentials: { accessKeyId: 'test', secretAccessKey },
  })

const recordings = (more: Partial<RecordingsDeps> = {}): Recordings =>
  recordingsKinesisVideo({
    clipEndpoints: mediaEndpoints(client, clock, 'GET_CLIP'),
    hlsEndpoints: mediaEndpoints(client, clock, 'GET_HLS_STREAMING_SESSION_URL'),
    region: client.config.region,
    credentials: client.config.credentials,
    sha256: client.config.sha256,
    clock,
    ...more,
  })

recordingsContract(() => ({
  recordings: recordings(),
  streamName,
  recording: (startMs, frames) => storeRecording(standIn, { streamName, startMs, frames }),
  nowMs: clock.nowMs,
}))

describe('Kinesis Video', () => {
  const span = (startMs: number) => ({ streamName, fromMs: startMs, toMs: startMs + 10_000 })

  test('is hung up on when a clip is larger than an answer may be', async () => {
    const startMs = nowMs - 600_000
    await storeRecording(standIn, { streamName, startMs, frames: 60 })
    const answer = await recordings({ mostClipBytes: 10_000 }).clip(span(startMs))
    expect(answer).toEqual({ outcome: 'no-clip', why: 'too-long' })
  })

  test('that does not believe the signature is a fault, which tells its name only', async () => {
    const forged = recordings({ credentials: clientWith('of yesterday').config.credentials })
    const fault = await forged.clip(span(0)).catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'ServiceRefusal', code: 'InvalidSignatureException' })
    expect(String(fault)).not.toContain('maple-street')
  })

  test('is asked again for its place after a fault, and otherwise not', async () => {
    const asked = () => standIn.calls.filter(({ operation }) => operation === 'GetDataEndpoint')
    const ours = recordings()
    const before = asked().length
    await ours.clip(span(0))
    await ours.clip(span(0))
    expect(asked()).toHaveLength(before + 1)
    standIn.fault({ service: 'kinesisvideo', operation: 'GetClip', kind: 'error', nth: 1 })
    await expect(ours.clip(span(0))).rejects.toThrow('refused')
    await ours.clip(span(0))
    expect(asked()).toHaveLength(before + 2)
  })
})

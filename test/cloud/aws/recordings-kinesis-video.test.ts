import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordingsKinesisVideo } from '../../../cloud/aws/kinesis-video/recordings.ts'
import type { Recordings } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { recordingsContract } from '../../contracts/cloud/recordings.ts'
import { storeRecording } from '../../support/video/stored-recording.ts'

const streamName = 'maple-street_front'
const nowMs = Date.now()
const clock = { nowMs: () => nowMs }

let standIn: AwsServer
beforeAll(async () => {
  standIn = await startAws({ videoStreams: [streamName], nowMs: clock.nowMs })
})
afterAll(() => standIn.close())

const recordings = ({
  secretAccessKey = 'test',
  ...more
}: {
  readonly secretAccessKey?: string
  readonly largestClipBytes?: number
} = {}): Recordings =>
  recordingsKinesisVideo({
    settings: {
      endpoint: standIn.url,
      region: standIn.region,
      credentials: { accessKeyId: 'test', secretAccessKey },
    },
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

  test('closes the connection when a clip is larger than the limit', async () => {
    const startMs = nowMs - 600_000
    await storeRecording(standIn, { streamName, startMs, frames: 60 })
    const answer = await recordings({ largestClipBytes: 10_000 }).clip(span(startMs))
    expect(answer).toEqual({ outcome: 'no-clip', why: 'too-long' })
  })

  test('reports a wrong signature with its code only', async () => {
    const forged = recordings({ secretAccessKey: 'wrong' })
    const fault = await forged.clip(span(0)).catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'ServiceRefusal', code: 'InvalidSignatureException' })
    expect(String(fault)).not.toContain('maple-street')
  })

  test('looks up the endpoint again after a fault, and otherwise not', async () => {
    const lookups = () => standIn.calls.filter(({ operation }) => operation === 'GetDataEndpoint')
    const ours = recordings()
    const before = lookups().length
    await ours.clip(span(0))
    await ours.clip(span(0))
    expect(lookups()).toHaveLength(before + 1)
    standIn.fault({ service: 'kinesisvideo', operation: 'GetClip', kind: 'error', nth: 1 })
    await expect(ours.clip(span(0))).rejects.toThrow('refused')
    await ours.clip(span(0))
    expect(lookups()).toHaveLength(before + 2)
  })
})

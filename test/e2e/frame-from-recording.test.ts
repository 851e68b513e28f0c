/**
 * From camera to cloud: numbered pictures are encoded and uploaded to Kinesis Video. For a record of
 * the stream processor, the real function must extract exactly the picture of that time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeHandler as sightingFromStream } from '../../cloud/functions/sighting-from-stream.ts'
import { systemClock } from '../../device/host/clock.ts'
import { FfmpegEncoder } from '../../device/recording/encoder/ffmpeg.ts'
import { Recorder } from '../../device/recording/recorder.ts'
import { KinesisVideoUplink } from '../../device/recording/upload/uplink.ts'
import type { StoredFragment } from '../../simulation/aws/kinesis-video/streams.ts'
import { type CloudHome, cloudHome, doorId, newId } from '../support/cloud/cloud-home.ts'
import { patientClock } from '../support/patient-clock.ts'
import { hasProgram } from '../support/programs.ts'
import { numbered, numberIn } from '../support/video/numbered-pictures.ts'
import { credentials } from '../support/video/video-uplink.ts'

const size = { widthPx: 320, heightPx: 240 }
const pictures = 50
const everyMs = 100
const visitId = newId()
const patienceMs = 60_000

let home: CloudHome
let startMs = 0
let fragments: readonly StoredFragment[] = []

const isHere = hasProgram('ffmpeg')

beforeAll(async () => {
  if (!isHere) return
  home = await cloudHome()
  startMs = home.clock.nowMs() - 10_000
  await recording()
  fragments = home.aws.video.stream(doorId).fragments
})
afterAll(() => home?.close())

/** Records a visit as a door does, but faster. */
async function recording(): Promise<void> {
  // Drawn first, because drawing is slow and would stall the encoder.
  const drawn = Array.from({ length: pictures }, (_, nth) => numbered(nth, size))
  const folder = mkdtempSync(join(tmpdir(), 'recording-'))
  const clock = systemClock({ source: 'host' })
  const encoder = new FfmpegEncoder({
    clock: patientClock(clock),
    framesPerSecond: 1_000 / everyMs,
  })
  const recorded = new Recorder({
    encoder,
    uplink: new KinesisVideoUplink({
      region: home.aws.region,
      controlUrl: home.aws.url,
      streamName: doorId,
      clock,
      credentials: async () => credentials,
      random: Math.random,
      folder,
      report() {},
    }),
    clock,
    log: { info() {}, warn() {}, error() {} },
  })
  recorded.begin({ visitId, number: 7 })
  for (const [nth, jpeg] of drawn.entries()) recorded.picture(jpeg, startMs + nth * everyMs)
  // All pictures arrive at once here, so the encoder needs time before the end.
  const encoded = () => encoder.figures().framesIn === pictures
  await vi.waitUntil(encoded, { timeout: patienceMs })
  recorded.end()
  const stored = () => home.aws.video.stream(doorId).fragments
  const allOfIt = () => stored().flatMap(({ blocks }) => blocks).length >= pictures
  await vi.waitUntil(allOfIt, { timeout: patienceMs })
  await recorded.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** A record of the stream processor about a face that fills the picture. */
function recordAt(nth: number): { readonly event: unknown; readonly takenAtMs: number } {
  const takenAtMs = startMs + nth * everyMs
  const fragment = fragments.findLast(({ producerMs }) => producerMs <= takenAtMs)
  if (!fragment) throw new Error('expected a fragment of that time')
  const { number: FragmentNumber, producerMs, serverMs } = fragment
  const BoundingBox = { Left: 0, Top: 0, Width: 1, Height: 1 }
  const Quality = { Brightness: 60, Sharpness: 90 }
  // A blocked face is not processed further, so only the picture remains.
  const blocked = { Similarity: 99.5, Face: { ExternalImageId: `blocked-${newId()}` } }
  const record = {
    InputInformation: {
      KinesisVideo: {
        StreamArn: home.aws.video.stream(doorId).arn,
        FragmentNumber,
        ServerTimestamp: serverMs / 1_000,
        ProducerTimestamp: producerMs / 1_000,
        FrameOffsetInSeconds: (takenAtMs - producerMs) / 1_000,
      },
    },
    FaceSearchResponse: [
      { DetectedFace: { BoundingBox, Confidence: 99.9, Quality }, MatchedFaces: [blocked] },
    ],
  }
  const data = Buffer.from(JSON.stringify(record)).toString('base64')
  return { event: { Records: [{ kinesis: { sequenceNumber: String(nth), data } }] }, takenAtMs }
}

async function pictureAt(nth: number): Promise<Uint8Array> {
  const { event, takenAtMs } = recordAt(nth)
  const done = await sightingFromStream(home.deps)(event)
  expect(done.batchItemFailures).toEqual([])
  const face = await home.deps.photos.read(`faces/${doorId}/${visitId}/${takenAtMs}-1.jpg`)
  if (!face) throw new Error('expected a picture of that time')
  return face.bytes
}

test.skipIf(!isHere)(
  isHere
    ? 'the extracted picture is the one that the camera took at that time'
    : 'skipped, because ffmpeg is not installed',
  async () => {
    expect(home.aws.video.findings).toEqual([])
    // At most two seconds each.
    const lengths = fragments.map(({ blocks }) => blocks.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(20)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(pictures)
    const wanted = [0, 1, 19, 20, 33, 39, 40, 49]
    const found: number[] = []
    for (const nth of wanted) found.push(numberIn(await pictureAt(nth)))
    expect(found).toEqual(wanted)
    const visit = await home.deps.visits.find({ household: 'maple-street', doorId, visitId })
    expect(visit).toMatchObject({ visitId, number: 7 })
  },
)
